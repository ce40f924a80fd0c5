{{- define "signalpress.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- .Values.serviceAccount.name | default (include "signalpress.fullname" .) }}
{{- else }}
{{- .Values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{/* Where pods may run and what they are pulled with. */}}
{{- define "signalpress.placement" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "signalpress.podAnnotations" -}}
{{- with .root.Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- if .root.Values.metrics.annotations }}
prometheus.io/scrape: "true"
prometheus.io/path: /metrics
prometheus.io/port: {{ .port | quote }}
{{- end }}
{{- end }}

{{- define "signalpress.kafkaTls" -}}
{{- if and (eq .Values.events.transport "kafka") .Values.events.kafka.tls.enabled .Values.events.kafka.tls.secret }}true{{ end }}
{{- end }}

{{- define "signalpress.tlsMounts" -}}
{{- if .root.Values.extraCa.configMap }}
- name: extra-ca
  mountPath: /etc/signalpress/extra-ca
  readOnly: true
{{- end }}
{{- if and .facts.database (include "signalpress.kafkaTls" .root) }}
- name: kafka-tls
  mountPath: /etc/signalpress/kafka-tls
  readOnly: true
{{- end }}
{{- end }}

{{- define "signalpress.tlsVolumes" -}}
{{- with .root.Values.extraCa.configMap }}
- name: extra-ca
  configMap:
    name: {{ . }}
{{- end }}
{{- if and .facts.database (include "signalpress.kafkaTls" .root) }}
- name: kafka-tls
  secret:
    secretName: {{ .root.Values.events.kafka.tls.secret }}
    defaultMode: 0440
{{- end }}
{{- end }}
