import { commonVariables, serviceNames, settableVariables } from './service-variables.ts';

type Schema = Readonly<Record<string, unknown>>;

const anyObject: Schema = { type: 'object' };
const texts: Schema = { type: 'object', additionalProperties: { type: 'string' } };
const textList: Schema = { type: 'array', items: { type: 'string', minLength: 1 } };
const objectList: Schema = { type: 'array', items: { type: 'object' } };
const portList: Schema = { type: 'array', minItems: 1, items: { type: 'integer', minimum: 1, maximum: 65_535 } };
const resources: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: { requests: { $ref: '#/definitions/quantities' }, limits: { $ref: '#/definitions/quantities' } },
};
const pullPolicy: Schema = { enum: ['IfNotPresent', 'Always', 'Never'] };
const positive: Schema = { type: 'integer', minimum: 1 };
const duration: Schema = { type: 'string', pattern: '^[0-9]+(ms|s|m|h)$' };
const httpUrl: Schema = { type: 'string', pattern: '^(https?://.+)?$' };

/** What a default cannot say: by the path, with `*` for one part of it. */
const narrower: Readonly<Record<string, Schema>> = {
  'image.pullPolicy': pullPolicy,
  'image.pullSecrets': textList,
  publicUrl: httpUrl,
  existingSecret: { type: 'string', minLength: 1 },
  'secrets.*.key': { type: 'string', minLength: 1 },
  'events.transport': { enum: ['postgres', 'kafka'] },
  'events.partitions': { type: 'integer', minimum: 1, maximum: 1_000 },
  'events.kafka.brokers': { type: 'array', items: { type: 'string', pattern: '^[^:,\\s]+:[0-9]+$' } },
  'events.kafka.replicationFactor': positive,
  'events.kafka.sasl.mechanism': { enum: ['', 'plain', 'scram-sha-256', 'scram-sha-512'] },
  'tracing.endpoint': httpUrl,
  'tracing.protocol': { enum: ['http/protobuf', 'grpc'] },
  'shutdown.deadlineSeconds': { type: 'integer', minimum: 1, maximum: 600 },
  'shutdown.readinessDelaySeconds': { type: 'integer', minimum: 0, maximum: 300 },
  'migrations.backoffLimit': { type: 'integer', minimum: 0 },
  'migrations.deadlineSeconds': positive,
  'migrations.resources': resources,
  'files.accessModes': {
    type: 'array',
    minItems: 1,
    items: { enum: ['ReadWriteOnce', 'ReadWriteOncePod', 'ReadWriteMany'] },
  },
  'serviceAccount.annotations': texts,
  'gatewayService.type': { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
  'ingress.annotations': texts,
  'networkPolicy.gatewayFrom': objectList,
  'networkPolicy.metricsFrom': objectList,
  'networkPolicy.dnsTo': objectList,
  'networkPolicy.*.ports': portList,
  'networkPolicy.*.to': objectList,
  'metrics.serviceMonitor.interval': duration,
  'metrics.serviceMonitor.scrapeTimeout': duration,
  'metrics.serviceMonitor.labels': texts,
  'metrics.rules.labels': texts,
  'metrics.rules.runbookBaseUrl': httpUrl,
  podLabels: texts,
  podAnnotations: texts,
  nodeSelector: texts,
  tolerations: objectList,
  affinity: anyObject,
  'services.*.replicas': { type: 'integer', minimum: 0 },
  'services.*.resources': resources,
  'services.*.autoscaling.minReplicas': positive,
  'services.*.autoscaling.maxReplicas': positive,
  'services.*.autoscaling.cpuPercent': { type: 'integer', minimum: 1, maximum: 1_000 },
  'services.*.autoscaling.lag.eventsPerReplica': positive,
  'database.resources': resources,
  'kafka.resources': resources,
  'grafana.image.pullPolicy': pullPolicy,
  'grafana.env': { type: 'object', additionalProperties: { $ref: '#/definitions/variable' } },
  'grafana.envValueFrom': { type: 'object', additionalProperties: { type: 'object' } },
  'grafana.resources': resources,
  'grafana.sidecar.resources': resources,
};

/**
 * The schema of values.yaml: every key that has a default and no other, with the type of the default, narrowed by the table above,
 * and with the variables that each service knows.
 */
export function valuesSchema(defaults: unknown): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart signalpress',
    ...schemaOf(defaults, []),
    definitions: {
      quantities: { type: 'object', additionalProperties: { type: ['string', 'integer', 'number'] } },
      variable: { type: ['string', 'number', 'boolean'] },
    },
  };
}

function schemaOf(value: unknown, path: readonly string[]): Schema {
  const known = narrower[path.join('.')] ?? narrower[path.map((part, at) => (at === 1 ? '*' : part)).join('.')];
  if (known) return known;
  const [first, service = ''] = path;
  if (first === 'env' && path.length === 1) return variables(commonVariables());
  if (first === 'services' && path[2] === 'env') return variables(settableVariables(service));
  if (Array.isArray(value)) throw new Error(`values-schema.ts does not say what is in the list ${path.join('.')}`);
  if (typeof value === 'object' && value !== null) return closedObject(value, path);
  return { type: typeof value };
}

function closedObject(value: object, path: readonly string[]): Schema {
  const entries = Object.entries(value);
  if (entries.length === 0) throw new Error(`values-schema.ts does not say what is in ${path.join('.')}`);
  return {
    type: 'object',
    additionalProperties: false,
    ...(path.join('.') === 'services' ? { required: serviceNames } : {}),
    properties: {
      ...Object.fromEntries(entries.map(([key, each]) => [key, schemaOf(each, [...path, key])])),
      // Helm puts these into the values of the chart and of its sub-chart.
      ...(['', 'grafana'].includes(path.join('.')) ? { global: anyObject } : {}),
    },
  };
}

function variables(names: readonly string[]): Schema {
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(names.map((name) => [name, { $ref: '#/definitions/variable' }])),
    // The standard ones of OpenTelemetry, which all services read.
    patternProperties: { '^OTEL_[A-Z_]+$': { $ref: '#/definitions/variable' } },
  };
}
