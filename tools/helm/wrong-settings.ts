/** Settings that the chart must refuse, and a part of what it says. */
export const wrongSettings: readonly { readonly settings: readonly string[]; readonly reason: string }[] = [
  { settings: ['ingres.enabled=true'], reason: "additional properties 'ingres' not allowed" },
  {
    settings: ['services.orchestrator.env.APPROVAL_TRESHOLD=0.6'],
    reason: "at '/services/orchestrator/env': additional properties 'APPROVAL_TRESHOLD' not allowed",
  },
  {
    // Another service's variable.
    settings: ['services.monitoring.env.APPROVAL_THRESHOLD=0.6'],
    reason: "at '/services/monitoring/env': additional properties 'APPROVAL_THRESHOLD' not allowed",
  },
  { settings: ['services.orchestrator.env.DATABASE_URL=postgresql://x'], reason: "'DATABASE_URL' not allowed" },
  {
    settings: ['events.transport=rabbitmq'],
    reason: "at '/events/transport': value must be one of 'postgres', 'kafka'",
  },
  { settings: ['events.transport=kafka'], reason: 'events.kafka.brokers' },
  { settings: ['events.kafka.tls.caKey=ca.crt'], reason: 'events.kafka.tls.secret: is needed' },
  { settings: ['kafka.enabled=true'], reason: 'would stand idle' },
  { settings: ['shutdown.readinessDelaySeconds=10'], reason: 'at most a fifth' },
  { settings: ['ingress.enabled=true'], reason: 'ingress.host' },
  { settings: ['services.mockup-generation.replicas=2'], reason: 'files.accessModes must be [ReadWriteMany]' },
  {
    settings: [
      'services.signal-ingestion.autoscaling.enabled=true',
      'services.signal-ingestion.autoscaling.lag.enabled=true',
    ],
    reason: 'this service consumes no events',
  },
  {
    settings: [
      'services.orchestrator.autoscaling.enabled=true',
      'services.orchestrator.autoscaling.lag.enabled=true',
      'services.orchestrator.autoscaling.maxReplicas=9',
    ],
    reason: 'more replicas than events.partitions',
  },
  { settings: ['grafana.sidecar.dashboard.enabled=false'], reason: "at '/grafana/sidecar': additional properties" },
];
