import type { ServiceName } from '@signalpress/contracts';
import type { Env } from '../env.js';

export type Upstream = Exclude<ServiceName, 'api-gateway'>;

/** One row: which requests go to which service. */
export interface GatewayRoute {
  upstream: Upstream;
  /** Paths in the form of the router; the prefix of `rewrite` is replaced before the request is handed on. */
  paths: readonly string[];
  methods: readonly HttpMethod[];
  access: 'key' | 'public';
  /** Path at the gateway, and what stands for it at the service. */
  rewrite?: { prefix: string; to: string };
  bodyLimitBytes: number;
}

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const mebibyte = 1024 * 1024;
/** A document of 5 MiB may become twice as long as a JSON string: as much as signal-ingestion itself takes. */
const ingestionLimitBytes = 11 * mebibyte;
/** A button of the shop sends a form without fields. */
const formLimitBytes = 16 * 1024;
const reading: readonly HttpMethod[] = ['GET', 'HEAD'];
const allMethods: readonly HttpMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

const guarded = (upstream: Upstream, prefixes: readonly string[], bodyLimitBytes = mebibyte): GatewayRoute => ({
  upstream,
  paths: prefixes.flatMap((prefix) => [prefix, `${prefix}/*`]),
  methods: allMethods,
  access: 'key',
  bodyLimitBytes,
});

const deadLetters = (upstream: Upstream): GatewayRoute => {
  const prefix = `/admin/${upstream}/dead-letters`;
  return { ...guarded(upstream, [prefix]), rewrite: { prefix, to: '/dead-letters' } };
};

/** All that can be reached through the gateway. What is not here is not reachable: not `/metrics`, not `/health`. */
export const routingTable: readonly GatewayRoute[] = [
  guarded('signal-ingestion', ['/signals', '/sources']),
  guarded('signal-ingestion', ['/ingestions'], ingestionLimitBytes),
  guarded('scoring-engine', ['/scores']),
  guarded('orchestrator', ['/ideas']),
  { ...guarded('monitoring', []), paths: ['/ideas/:id/timeline'], methods: reading },
  {
    ...guarded('monitoring', [
      '/latency',
      '/sla',
      '/queue-length',
      '/resource-usage',
      '/daily-summary',
      '/optimization',
      '/incidents',
      '/outcomes',
      '/progress',
      '/status',
    ]),
    methods: reading,
  },
  { ...guarded('monitoring', []), paths: ['/incidents/:id/acknowledge'], methods: ['POST'] },
  {
    ...guarded('monitoring', []),
    paths: ['/openapi/monitoring.json'],
    methods: reading,
    rewrite: { prefix: '/openapi/monitoring.json', to: '/openapi.json' },
  },
  { ...guarded('mockup-generation', ['/files', '/mockups']), methods: reading },
  guarded('marketplace-publisher', ['/listings']),
  guarded('feedback-loop', ['/performance']),
  deadLetters('signal-ingestion'),
  deadLetters('scoring-engine'),
  deadLetters('orchestrator'),
  deadLetters('mockup-generation'),
  deadLetters('marketplace-publisher'),
  deadLetters('feedback-loop'),
  deadLetters('monitoring'),
  // The shop window. Its API belongs to the publisher, which calls it directly.
  {
    ...guarded('marketplace-publisher', []),
    paths: [
      '/storefront',
      '/storefront/',
      '/storefront/style.css',
      '/storefront/images/:hash',
      '/storefront/listings/:id',
    ],
    methods: reading,
    access: 'public',
  },
  // What visitors press there.
  {
    upstream: 'marketplace-publisher',
    paths: ['/storefront/listings/:id/favourite', '/storefront/listings/:id/buy'],
    methods: ['POST'],
    access: 'public',
    bodyLimitBytes: formLimitBytes,
  },
];

const expressions = routingTable.map((route) => ({ route, paths: route.paths.map(expressionOf) }));

/** The rows that a URL's path belongs to, whatever their methods. */
export function rowsAt(url: string): GatewayRoute[] {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  return expressions.filter(({ paths }) => paths.some((expression) => expression.test(path))).map(({ route }) => route);
}

function expressionOf(pattern: string): RegExp {
  const segments = pattern.split('/').map((segment) => {
    if (segment === '*') return '.*';
    return segment.startsWith(':') ? '[^/]+' : segment.replaceAll('.', String.raw`\.`);
  });
  return new RegExp(`^${segments.join('/')}$`);
}

/** Where the services are. */
export function upstreamUrls(env: Env): Record<Upstream, string> {
  return {
    'signal-ingestion': env.SIGNAL_INGESTION_URL,
    'scoring-engine': env.SCORING_ENGINE_URL,
    orchestrator: env.ORCHESTRATOR_URL,
    'mockup-generation': env.MOCKUP_GENERATION_URL,
    'marketplace-publisher': env.MARKETPLACE_PUBLISHER_URL,
    'feedback-loop': env.FEEDBACK_LOOP_URL,
    monitoring: env.MONITORING_URL,
  };
}
