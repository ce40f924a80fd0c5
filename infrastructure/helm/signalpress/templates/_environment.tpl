{{/*
The environment of a service's container: (dict "root" $ "service" "orchestrator"). What the chart decides comes first; `env`
and `services.<service>.env` carry the rest. values.schema.json knows every name, and keeps the two apart.
*/}}
{{- define "signalpress.environment" -}}
{{- $values := .root.Values }}
{{- $facts := index (include "signalpress.services" .root | fromYaml) .service }}
- name: NODE_ENV
  value: production
- name: HOST
  value: 0.0.0.0
- name: PORT
  value: {{ $facts.port | quote }}
- name: SERVICE_VERSION
  value: {{ $values.image.tag | default .root.Chart.AppVersion | quote }}
- name: SHUTDOWN_DEADLINE_SECONDS
  value: {{ $values.shutdown.deadlineSeconds | quote }}
- name: SHUTDOWN_READINESS_DELAY_SECONDS
  value: {{ $values.shutdown.readinessDelaySeconds | quote }}
{{ include "signalpress.secretVariable" (dict "root" .root "variable" "METRICS_TOKEN" "secret" $values.secrets.metricsToken) }}
{{- if $values.sentry.enabled }}
{{ include "signalpress.secretVariable" (dict "root" .root "variable" "SENTRY_DSN" "secret" $values.secrets.sentryDsn) }}
{{- end }}
{{- if $facts.database }}
{{ include "signalpress.secretVariable" (dict "root" .root "variable" "DATABASE_URL" "secret" $values.secrets.databaseUrl) }}
{{ include "signalpress.eventsEnvironment" .root | trim }}
{{- end }}
{{- range $neighbour := $facts.calls }}
- name: {{ $neighbour | upper | replace "-" "_" }}_URL
  value: {{ include "signalpress.serviceUrl" (dict "root" $.root "service" $neighbour) }}
{{- end }}
{{- with include "signalpress.ownEnvironment" . | trim }}
{{ . }}
{{- end }}
{{- with include "signalpress.tracingEnvironment" .root | trim }}
{{ . }}
{{- end }}
{{- if $values.extraCa.configMap }}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/signalpress/extra-ca/{{ $values.extraCa.key }}
{{- end }}
{{- range $variable, $value := mergeOverwrite (dict) $values.env (index $values.services .service).env }}
- name: {{ $variable }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end }}

{{/* What one service alone is told. */}}
{{- define "signalpress.ownEnvironment" -}}
{{- $values := .root.Values }}
{{- if eq .service "api-gateway" }}
{{ include "signalpress.secretVariable" (dict "root" .root "variable" "ADMIN_KEY_SHA256" "secret" $values.secrets.adminKeySha256) }}
{{- else if eq .service "marketplace-publisher" }}
{{ include "signalpress.secretVariable" (dict "root" .root "variable" "STOREFRONT_API_KEY" "secret" $values.secrets.storefrontApiKey) }}
{{- with include "signalpress.publicUrl" .root }}
- name: STOREFRONT_PUBLIC_URL
  value: {{ . }}
{{- end }}
{{- else if eq .service "mockup-generation" }}
- name: FILES_DIRECTORY
  value: /data/files
{{- else if and (eq .service "monitoring") $values.pagerduty.enabled }}
- name: ENABLE_PAGERDUTY
  value: "true"
{{ include "signalpress.secretVariable" (dict "root" .root "variable" "PAGERDUTY_ROUTING_KEY" "secret" $values.secrets.pagerdutyRoutingKey) }}
{{- end }}
{{- end }}

{{- define "signalpress.eventsEnvironment" -}}
{{- $events := .Values.events }}
- name: EVENT_TRANSPORT
  value: {{ $events.transport }}
{{- if eq $events.transport "kafka" }}
- name: KAFKA_BROKERS
  value: {{ include "signalpress.kafkaBrokers" . }}
- name: KAFKA_PARTITIONS
  value: {{ $events.partitions | quote }}
- name: KAFKA_REPLICATION_FACTOR
  value: {{ $events.kafka.replicationFactor | quote }}
{{- with $events.kafka.topicPrefix }}
- name: KAFKA_TOPIC_PREFIX
  value: {{ . }}
{{- end }}
{{- if $events.kafka.tls.enabled }}
- name: KAFKA_TLS
  value: "true"
{{- with $events.kafka.tls.caKey }}
- name: KAFKA_TLS_CA_FILE
  value: /etc/signalpress/kafka-tls/{{ . }}
{{- end }}
{{- with $events.kafka.tls.certKey }}
- name: KAFKA_TLS_CERT_FILE
  value: /etc/signalpress/kafka-tls/{{ . }}
{{- end }}
{{- with $events.kafka.tls.keyKey }}
- name: KAFKA_TLS_KEY_FILE
  value: /etc/signalpress/kafka-tls/{{ . }}
{{- end }}
{{- end }}
{{- with $events.kafka.sasl.mechanism }}
- name: KAFKA_SASL_MECHANISM
  value: {{ . }}
{{ include "signalpress.secretVariable" (dict "root" $ "variable" "KAFKA_SASL_USERNAME" "secret" $.Values.secrets.kafkaUsername) }}
{{ include "signalpress.secretVariable" (dict "root" $ "variable" "KAFKA_SASL_PASSWORD" "secret" $.Values.secrets.kafkaPassword) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "signalpress.tracingEnvironment" -}}
{{- with .Values.tracing.endpoint }}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . }}
- name: OTEL_EXPORTER_OTLP_PROTOCOL
  value: {{ $.Values.tracing.protocol }}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: k8s.namespace.name=$(POD_NAMESPACE),k8s.pod.name=$(POD_NAME)
{{- end }}
{{- end }}
