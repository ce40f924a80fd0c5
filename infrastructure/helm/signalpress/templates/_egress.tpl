{{/* Where the pods of a service may go: (dict "root" $ "service" "monitoring" "facts" …) */}}
{{- define "signalpress.egress" -}}
{{- $values := .root.Values }}
{{- $services := include "signalpress.services" .root | fromYaml }}
{{ include "signalpress.egressDns" .root | trim }}
{{- range $neighbour := .facts.calls }}
- ports:
    - port: {{ (index $services $neighbour).port }}
      protocol: TCP
  to:
    - podSelector:
        matchLabels:
          {{- include "signalpress.selectorLabels" $.root | nindent 10 }}
          app.kubernetes.io/component: {{ $neighbour }}
{{- end }}
{{- if .facts.database }}
{{ include "signalpress.egressDatabase" .root | trim }}
{{- if eq $values.events.transport "kafka" }}
{{ include "signalpress.egressTo" (dict "root" .root "component" (ternary "kafka" "" $values.kafka.enabled) "ports" (ternary (list 9092) $values.networkPolicy.kafka.ports $values.kafka.enabled) "to" $values.networkPolicy.kafka.to) | trim }}
{{- end }}
{{- end }}
{{- if $values.tracing.endpoint }}
{{ include "signalpress.egressTo" (dict "root" .root "ports" $values.networkPolicy.tracing.ports "to" $values.networkPolicy.tracing.to) | trim }}
{{- end }}
{{- $internet := .facts.internet | default list }}
{{- if or $values.sentry.enabled (and $values.pagerduty.enabled (eq .service "monitoring")) }}
{{- $internet = append $internet (float64 443) | uniq }}
{{- end }}
{{- with $internet }}
# The internet, without private networks and the address of cloud metadata.
- ports:
    {{- range . }}
    - port: {{ . }}
      protocol: TCP
    {{- end }}
  to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: [10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16]
    - ipBlock:
        cidr: ::/0
        except: ["fc00::/7", "fe80::/10"]
{{- end }}
{{- end }}

{{- define "signalpress.egressDns" -}}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
  {{- with .Values.networkPolicy.dnsTo }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "signalpress.egressDatabase" -}}
{{- $policy := .Values.networkPolicy.database }}
{{- include "signalpress.egressTo" (dict "root" . "component" (ternary "database" "" .Values.database.enabled) "ports" (ternary (list 5432) $policy.ports .Values.database.enabled) "to" $policy.to) }}
{{- end }}

{{/* To pods of this release with that component, else to the given peers, else anywhere, on the ports alone. */}}
{{- define "signalpress.egressTo" -}}
- ports:
    {{- range .ports }}
    - port: {{ . }}
      protocol: TCP
    {{- end }}
  {{- if .component }}
  to:
    - podSelector:
        matchLabels:
          {{- include "signalpress.selectorLabels" .root | nindent 10 }}
          app.kubernetes.io/component: {{ .component }}
  {{- else if .to }}
  to:
    {{- toYaml .to | nindent 4 }}
  {{- end }}
{{- end }}
