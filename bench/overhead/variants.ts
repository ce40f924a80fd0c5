import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** What a variant says it does; checked before anything is measured. */
export interface Claims {
  /** Spans of one request to the measured route. */
  readonly spans: number;
  /** Spans that belong to no request, such as of the start. Default: 0. */
  readonly spansAtStart?: number;
  /** Share of the requests that is sampled. Default: 1. */
  readonly sampled?: number;
  /** Request lines of one request. */
  readonly logLines: 0 | 1;
  /** A counter or `_count` series of `/metrics` that counts the requests. */
  readonly metric?: string;
  /** An unexpected error reaches Sentry. */
  readonly sentry?: true;
  /** Answers 200 when healthy. */
  readonly health?: string;
}

export interface Variant {
  readonly name: string;
  /** What the table calls it. */
  readonly label: string;
  readonly entry: string;
  /** Lives in `peers/` and needs its packages. */
  readonly peer: boolean;
  /** Settings of the variant itself; `library` is the built library, `sink` where telemetry goes. */
  environment(at: Addresses): Record<string, string>;
  readonly claims: Claims;
  /** Modules of the peers that Node loads first. */
  readonly preload?: readonly string[];
  /** Loses telemetry by its own defaults: the row says how much, it is no failure. */
  readonly mayDrop?: true;
}

export interface Addresses {
  readonly url: string;
  readonly dsn: string;
  /** File URL of the library's entry. */
  readonly library: string;
}

const here = import.meta.dirname;
const DURATION = 'http_server_request_duration_seconds_count';
/** Server, guard, interceptor, controller, two providers. */
const OUR_SPANS = 6;

const quiet = { requestLog: false, httpMetrics: false };

function ours(
  name: string,
  label: string,
  claims: Claims,
  settings: (at: Addresses) => { options?: object; environment?: Record<string, string> },
): Variant {
  return {
    name,
    label,
    entry: path.join(here, 'variants/ours.mjs'),
    peer: false,
    claims,
    environment: (at) => {
      const { options = {}, environment = {} } = settings(at);
      return { OVERHEAD_LIBRARY: at.library, OVERHEAD_OPTIONS: JSON.stringify(options), ...environment };
    },
  };
}

function peer(
  name: string,
  label: string,
  claims: Claims,
  settings: (at: Addresses) => Record<string, string>,
  more: Pick<Variant, 'preload' | 'mayDrop'> & { entry?: string } = {},
): Variant {
  const { entry = name, ...rest } = more;
  return {
    name,
    label,
    entry: path.join(here, 'peers', `${entry}.mjs`),
    peer: true,
    claims,
    environment: settings,
    ...rest,
  };
}

const observeSink = ({ url }: Addresses, options: object): Record<string, string> => ({
  OVERHEAD_SINK: url,
  OVERHEAD_OPTIONS: JSON.stringify(options),
});

const bare: Variant = {
  name: 'bare',
  label: 'bare Nest on Fastify',
  entry: path.join(here, 'variants/bare.mjs'),
  peer: false,
  environment: () => ({}),
  claims: { spans: 0, logLines: 0 },
};

const everything: Claims = { spans: OUR_SPANS, logLines: 1, metric: DURATION, sentry: true, health: '/health/ready' };

/** In the order of the table; neighbours run after one another. */
export const variants: readonly Variant[] = [
  bare,
  ours('off', 'ours, off', { spans: 0, logLines: 0 }, () => ({
    options: quiet,
    environment: { OTEL_SDK_DISABLED: 'true' },
  })),
  ours(
    'local',
    'ours, context + metrics + request line, no export',
    { spans: 0, logLines: 1, metric: DURATION },
    () => ({}),
  ),
  ours('one-percent', 'ours, everything, 1 % of the traces', { ...everything, sampled: 0.01 }, ({ url, dsn }) => ({
    options: { sentryDsn: dsn },
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.01',
    },
  })),
  ours('tracing', 'ours, tracing alone', { spans: OUR_SPANS, logLines: 0 }, ({ url }) => ({
    options: quiet,
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: url },
  })),
  ours('all', 'ours, everything', everything, ({ url, dsn }) => ({
    options: { sentryDsn: dsn },
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: url },
  })),
  peer(
    'auto',
    'auto-instrumentations-node 0.82',
    { spans: 1, spansAtStart: 1, logLines: 0 },
    ({ url }) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_SERVICE_NAME: 'overhead',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      // The default asks for the metadata services of clouds.
      OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process',
      OTEL_BSP_MAX_QUEUE_SIZE: '200000',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4096',
      OTEL_BSP_SCHEDULE_DELAY: '200',
    }),
    { preload: ['@opentelemetry/auto-instrumentations-node/dist/register.mjs'] },
  ),
  peer('http-fastify', 'instrumentation-http + @fastify/otel', { spans: 3, logLines: 0 }, ({ url }) => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
  })),
  peer('observe', '@nestjs/observe 0.3.3, set to drop nothing', { spans: 5, logLines: 0 }, (at) =>
    observeSink(at, { maxTracesPerBatch: 100_000, flushInterval: 1_000 }),
  ),
  peer(
    'observe-defaults',
    '@nestjs/observe 0.3.3, its defaults',
    { spans: 5, logLines: 0 },
    (at) => observeSink(at, {}),
    { entry: 'observe', mayDrop: true },
  ),
  peer(
    'careful',
    'careful assembly',
    { spans: 7, logLines: 1, metric: DURATION, sentry: true, health: '/health/ready' },
    ({ url, dsn }) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OVERHEAD_DSN: dsn }),
  ),
];

/** File URLs, as `--import` wants them. */
export function preloadOf(variant: Variant): string[] {
  return (variant.preload ?? []).map((file) => pathToFileURL(path.join(here, 'peers/node_modules', file)).href);
}
