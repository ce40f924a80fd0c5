{{- define "signalpress.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains .Chart.Name .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* What selects the pods of this release. Never add to it: a Deployment's selector cannot change. */}}
{{- define "signalpress.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "signalpress.labels" -}}
{{ include "signalpress.selectorLabels" . }}
app.kubernetes.io/part-of: signalpress
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Of pods: nothing that changes with the chart alone, which would restart them. */}}
{{- define "signalpress.podLabels" -}}
{{ include "signalpress.selectorLabels" . }}
app.kubernetes.io/part-of: signalpress
{{- end }}

{{/* The image of a service: (dict "root" $ "service" "orchestrator") */}}
{{- define "signalpress.image" -}}
{{- $image := .root.Values.image -}}
{{- with $image.registry }}{{ . }}/{{ end -}}
{{ $image.repository }}/{{ .service }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{/* The name of a Secret: its own, or the one for all. (dict "root" $ "secret" .Values.secrets.database) */}}
{{- define "signalpress.secretName" -}}
{{- .secret.name | default .root.Values.existingSecret }}
{{- end }}

{{/* A variable whose value is in a Secret: (dict "root" $ "variable" "DATABASE_URL" "secret" .Values.secrets.database) */}}
{{- define "signalpress.secretVariable" -}}
- name: {{ .variable }}
  valueFrom:
    secretKeyRef:
      name: {{ include "signalpress.secretName" . }}
      key: {{ .secret.key }}
{{- end }}

{{- define "signalpress.serviceUrl" -}}
{{- $facts := index (include "signalpress.services" .root | fromYaml) .service -}}
http://{{ include "signalpress.fullname" .root }}-{{ .service }}:{{ $facts.port }}
{{- end }}

{{/* What buyers and operators type: publicUrl, or the host of the Ingress. */}}
{{- define "signalpress.publicUrl" -}}
{{- if .Values.publicUrl }}
{{- .Values.publicUrl }}
{{- else if .Values.ingress.enabled }}
{{- printf "%s://%s" (ternary "https" "http" (ne .Values.ingress.tlsSecret "")) .Values.ingress.host }}
{{- end }}
{{- end }}

{{- define "signalpress.kafkaBrokers" -}}
{{- if .Values.kafka.enabled -}}
{{ include "signalpress.fullname" . }}-kafka:9092
{{- else -}}
{{ join "," .Values.events.kafka.brokers }}
{{- end }}
{{- end }}

{{- define "signalpress.podSecurityContext" -}}
runAsNonRoot: true
# The user "node" of the images.
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "signalpress.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Contradictions that the schema of the values cannot say. */}}
{{- define "signalpress.validate" -}}
{{- $shutdown := .Values.shutdown }}
{{- if gt (mul 5 (int $shutdown.readinessDelaySeconds)) (int $shutdown.deadlineSeconds) }}
{{- fail "shutdown.readinessDelaySeconds: a service gives it at most a fifth of shutdown.deadlineSeconds" }}
{{- end }}
{{- if and (eq .Values.events.transport "kafka") (not (include "signalpress.kafkaBrokers" .)) }}
{{- fail "events.kafka.brokers: events.transport is kafka, and there is no broker (or set kafka.enabled for one to try out)" }}
{{- end }}
{{- with .Values.events.kafka.tls }}
{{- if and (or .caKey .certKey .keyKey) (not .secret) }}
{{- fail "events.kafka.tls.secret: is needed with caKey, certKey or keyKey" }}
{{- end }}
{{- end }}
{{- if and .Values.kafka.enabled (ne .Values.events.transport "kafka") }}
{{- fail "kafka.enabled: the broker would stand idle while events.transport is postgres" }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
{{- fail "ingress.host: is needed with ingress.enabled" }}
{{- end }}
{{- $facts := include "signalpress.services" . | fromYaml }}
{{- range $service, $values := .Values.services }}
{{- $scaling := $values.autoscaling }}
{{- if and $scaling.enabled (gt (int $scaling.minReplicas) (int $scaling.maxReplicas)) }}
{{- fail (printf "services.%s.autoscaling: minReplicas is above maxReplicas" $service) }}
{{- end }}
{{- if and $scaling.enabled $scaling.lag.enabled }}
{{- if not (index $facts $service).consumes }}
{{- fail (printf "services.%s.autoscaling.lag: this service consumes no events" $service) }}
{{- end }}
{{- if gt (int $scaling.maxReplicas) (int $.Values.events.partitions) }}
{{- fail (printf "services.%s.autoscaling.maxReplicas: more replicas than events.partitions have nothing to consume" $service) }}
{{- end }}
{{- end }}
{{- end }}
{{- $mockups := get .Values.services "mockup-generation" }}
{{- $most := ternary $mockups.autoscaling.maxReplicas $mockups.replicas $mockups.autoscaling.enabled | int }}
{{- if and (gt $most 1) (not (has "ReadWriteMany" .Values.files.accessModes)) }}
{{- fail "services.mockup-generation: several replicas share the files: files.accessModes must be [ReadWriteMany]" }}
{{- end }}
{{- end }}

{{/* Whether a service runs more than once at any time; takes its values. */}}
{{- define "signalpress.severalReplicas" -}}
{{- if gt (ternary .autoscaling.minReplicas .replicas .autoscaling.enabled | int) 1 }}true{{ end }}
{{- end }}
