{{/*
What each service is by its code, and no value can change: the port in its container, whether it has a schema in the database,
whether it consumes events, whom it calls over HTTP, and which ports of the internet it needs.
The specs of tools/helm hold this against the services' environment and libs/contracts.
*/}}
{{- define "signalpress.services" -}}
api-gateway:
  port: 8000
  calls: [signal-ingestion, scoring-engine, orchestrator, mockup-generation, marketplace-publisher, feedback-loop, monitoring]
signal-ingestion:
  port: 8000
  database: true
  # Feeds are fetched from these ports alone.
  internet: [80, 443, 8080]
scoring-engine:
  port: 5002
  database: true
  consumes: true
orchestrator:
  port: 3000
  database: true
  consumes: true
mockup-generation:
  port: 8000
  database: true
  consumes: true
  files: true
marketplace-publisher:
  port: 8000
  database: true
  consumes: true
  calls: [mockup-generation]
feedback-loop:
  port: 8000
  database: true
  consumes: true
monitoring:
  port: 8000
  database: true
  consumes: true
  calls: [api-gateway, signal-ingestion, scoring-engine, orchestrator, mockup-generation, marketplace-publisher, feedback-loop]
{{- end }}
