import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serviceNames } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
import { startOtlpSink, startSentrySink, waitFor } from '@signalpress/testing';
import type { DecodedSpan, OtlpSink, SentrySink } from '@signalpress/testing';
import { connectTo } from './database.js';
import { logLines, makeFolder, Start, urlOf } from './platform.js';

const portOffset = 13_000;
/** The gateway shows its metrics to nobody without one. */
const metricsToken = 'a-token-for-the-scrape';

/** What each service shows of itself. One row per service, one column per signal: 40 fields, all of them tested. */
interface Row {
  /** A span that only this service can have made. */
  readonly span: string;
  /** A metric of its own work, with a value above zero. */
  readonly metric: RegExp;
  /** A dependency that its readiness names; none where there is none. */
  readonly dependency?: string;
  /** A request that cannot be answered once its table is gone. */
  readonly broken: { readonly table?: string; readonly path: string };
}

const anyIdea = '00000000-0000-4000-8000-000000000000';

const matrix: Readonly<Record<ServiceName, Row>> = {
  'api-gateway': {
    span: 'GET /ideas',
    metric: /^http_server_request_duration_seconds_count\{[^}]*route="\/ideas"[^}]*\} [1-9]/m,
    broken: { path: '/performance' },
  },
  'signal-ingestion': {
    span: 'POST /ingestions',
    metric: /^http_server_request_duration_seconds_count\{[^}]*route="\/ingestions"[^}]*\} [1-9]/m,
    dependency: 'database',
    broken: { table: 'signal_ingestion.signals', path: '/signals' },
  },
  'scoring-engine': {
    span: 'process signals.ingested',
    metric: /^messaging_messages_total\{[^}]*topic="signals\.ingested"[^}]*\} [1-9]/m,
    dependency: 'database',
    broken: { table: 'scoring.scores', path: '/scores' },
  },
  orchestrator: {
    span: 'process ideas.scored',
    metric: /^messaging_messages_total\{[^}]*topic="ideas\.scored"[^}]*\} [1-9]/m,
    dependency: 'database',
    broken: { table: 'orchestrator.ideas', path: '/ideas' },
  },
  'mockup-generation': {
    span: 'process mockups.requested',
    metric: /^messaging_messages_total\{[^}]*topic="mockups\.requested"[^}]*\} [1-9]/m,
    dependency: 'database',
    broken: { table: 'mockups.mockups', path: `/mockups/${anyIdea}` },
  },
  'marketplace-publisher': {
    span: 'process listings.requested',
    metric: /^messaging_messages_total\{[^}]*topic="listings\.requested"[^}]*\} [1-9]/m,
    dependency: 'database',
    broken: { table: 'publisher.listings', path: '/listings' },
  },
  'feedback-loop': {
    span: 'process listings.published',
    metric: /^messaging_messages_total\{[^}]*topic="listings\.published"[^}]*\} [1-9]/m,
    dependency: 'database',
    broken: { table: 'feedback.performance', path: '/performance' },
  },
  monitoring: {
    span: 'process listings.published',
    metric: /^messaging_messages_total\{[^}]*topic="listings\.published"[^}]*\} [1-9]/m,
    dependency: 'database',
    broken: { table: 'monitoring.ideas', path: '/latency' },
  },
};

/** Who hands work to whom, and how: a span of the one is the parent of a span of the other. */
const edges = [
  'api-gateway -HTTP-> signal-ingestion',
  'api-gateway -HTTP-> orchestrator',
  'signal-ingestion -event-> scoring-engine',
  'signal-ingestion -event-> monitoring',
  'scoring-engine -job-> scoring-engine',
  'scoring-engine -event-> orchestrator',
  'scoring-engine -event-> feedback-loop',
  'scoring-engine -event-> monitoring',
  'orchestrator -event-> scoring-engine',
  'orchestrator -event-> mockup-generation',
  'orchestrator -event-> marketplace-publisher',
  'orchestrator -event-> monitoring',
  'mockup-generation -job-> mockup-generation',
  'mockup-generation -event-> orchestrator',
  'mockup-generation -event-> monitoring',
  'marketplace-publisher -job-> marketplace-publisher',
  'marketplace-publisher -HTTP-> mockup-generation',
  'marketplace-publisher -HTTP-> marketplace-publisher',
  'marketplace-publisher -event-> orchestrator',
  'marketplace-publisher -event-> feedback-loop',
  'marketplace-publisher -event-> monitoring',
];

/** Simulated: two items of our own that everything lets pass. */
const feed = (now: Date): string =>
  JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: 'Signal matrix',
    items: ['Otters sort pebbles by colour on a quiet beach', 'Bakers paint comets on rye bread for a festival'].map(
      (title, index) => ({
        id: `matrix-${index}`,
        url: `https://feeds.example/matrix-${index}`,
        title,
        content_text: 'A simulated story.',
        date_published: new Date(now.getTime() - 600_000).toISOString(),
        tags: ['animals', 'food'],
      }),
    ),
  });

describe('the signal matrix: eight services × traces, metrics, logs, errors, health', () => {
  let dataDirectory: string;
  let otlp: OtlpSink;
  let sentry: SentrySink;
  let chatter: Server;
  let start: Start;
  let adminKey: string;

  const traceOf = new Map<ServiceName, string>();
  const spansOf = (service: ServiceName): DecodedSpan[] =>
    otlp.spans().filter((span) => span.resource.serviceName === service);

  beforeAll(async () => {
    dataDirectory = makeFolder();
    [otlp, sentry, chatter] = await Promise.all([startOtlpSink(), startSentrySink(), startChatter()]);
    const file = path.join(dataDirectory, 'matrix.json');
    writeFileSync(file, feed(new Date()));
    start = new Start(['--data-dir', dataDirectory, '--port-offset', String(portOffset), '--feed', file], {
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp.httpUrl,
      OTEL_BSP_SCHEDULE_DELAY: '200',
      SENTRY_DSN: sentry.dsn,
      METRICS_TOKEN: metricsToken,
      // Something that is no service answers there: an error that the gateway itself has to report.
      FEEDBACK_LOOP_URL: `http://127.0.0.1:${(chatter.address() as AddressInfo).port}`,
    });
    await waitFor(() => start.stdout.includes('Ctrl-C stops everything') || start.child.exitCode !== null, {
      timeoutMs: 240_000,
      message: () => start.stderr,
    });
    if (start.child.exitCode !== null) throw new Error(`npm start ended: ${start.stderr}`);
    adminKey = /sp_admin_[\w-]+/.exec(start.stdout)?.[0] ?? '';
    for (const route of ['/ideas', '/signals']) {
      const response = await fetch(`${urlOf('api-gateway', portOffset)}${route}`, { headers: authorization() });
      expect({ route, status: response.status, read: (await response.json()) !== null }).toMatchObject({ status: 200 });
    }
    await waitFor(() => missingEdges(otlp.spans()).length === 0, {
      timeoutMs: 30_000,
      message: () => `edges that were not seen: ${missingEdges(otlp.spans()).join(', ')}`,
    });
  });

  afterAll(async () => {
    await start.interrupt();
    await Promise.all([otlp.close(), sentry.close(), new Promise((resolve) => chatter.close(resolve))]);
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  const authorization = (): Record<string, string> => ({ authorization: `Bearer ${adminKey}` });

  it('has every edge between the services, as parent and child, and no other', () => {
    expect([...edgesOf(otlp.spans())].sort()).toEqual([...edges].sort());
  });

  describe.each(serviceNames)('%s', (service) => {
    const row = matrix[service];
    const url = urlOf(service, portOffset);

    it('traces', () => {
      const own = spansOf(service);
      expect(own.map(({ name }) => name)).toContain(row.span);
      const named = own.find(({ name }) => name === row.span);
      expect(named?.resource.attributes).toMatchObject({
        'service.name': service,
        'service.instance.id': expect.stringMatching(/./),
      });
    });

    it('metrics, with exemplars that lead to traces', async () => {
      const response = await fetch(`${url}/metrics`, {
        headers: { accept: 'application/openmetrics-text', authorization: `Bearer ${metricsToken}` },
      });
      expect(response.headers.get('content-type')).toContain('application/openmetrics-text');
      const text = await response.text();
      expect(text).toMatch(row.metric);
      expect(text).toMatch(/^process_resident_memory_bytes [1-9]/m);
      expect(text).not.toContain('"NaN"');
      expect(text).toMatch(/^telemetry_spans_exported_total [1-9]/m);
      expect(text).toMatch(/^telemetry_spans_dropped_total\{[^}]*reason="queue-full"[^}]*\} 0$/m);
      const exemplars = [...text.matchAll(/# \{trace_id="([0-9a-f]{32})"/g)].map(([, traceId]) => traceId);
      const known = new Set(otlp.spans().map(({ traceId }) => traceId));
      expect(exemplars.length).toBeGreaterThan(0);
      expect(exemplars.filter((traceId) => traceId !== undefined && known.has(traceId)).length).toBeGreaterThan(0);
    });

    it('logs, in JSON, with ids of spans that exist', () => {
      const lines = logLines(dataDirectory, service);
      expect(lines.filter((line) => line['service'] !== service)).toEqual([]);
      const known = new Set(spansOf(service).map(({ spanId }) => spanId));
      expect(lines.some((line) => known.has(String(line['span_id'])))).toBe(true);
    });

    it('health: live, ready, started, and a summary that names what it depends on', async () => {
      for (const probe of ['live', 'ready', 'startup']) {
        const response = await fetch(`${url}/health/${probe}`);
        expect({ probe, status: response.status }).toEqual({ probe, status: 200 });
      }
      const summary = (await (await fetch(`${url}/health`)).json()) as Record<string, unknown>;
      expect(summary).toMatchObject({ status: 'ok', service, state: 'ready' });
      if (row.dependency !== undefined) {
        expect(summary['details']).toMatchObject({ [row.dependency]: { status: 'up' } });
      }
    });

    it('errors: one report, one error line and one failed server span, all of one trace', async () => {
      const response = await withoutTable(dataDirectory, row.broken.table, () =>
        fetch(`${url}${row.broken.path}`, { headers: authorization() }),
      );
      const problem = (await response.json()) as Record<string, unknown>;
      expect({ problem, status: response.status >= 500 }).toMatchObject({ status: true });
      const traceId = String(problem['traceId']);
      traceOf.set(service, traceId);
      const event = await sentry.waitForEvent((candidate) => candidate.traceId === traceId);
      expect(event.tags).toMatchObject({ service });
      const failed = await waitFor(() =>
        spansOf(service).find((span) => span.traceId === traceId && span.kind === 'server'),
      );
      expect(failed).toMatchObject({ status: { code: 'error' } });
      const lines = logLines(dataDirectory, service).filter((line) => line['level'] === 'error');
      expect(lines.filter((line) => line['trace_id'] === traceId)).toHaveLength(1);
    });
  });

  it('reports nothing to Sentry but the eight errors, each once', async () => {
    await waitFor(() => sentry.events().length >= serviceNames.length);
    const traces = sentry.events().map(({ traceId }) => traceId);
    expect([...traces].sort()).toEqual([...traceOf.values()].sort());
    expect(sentry.transactions()).toEqual([]);
  });
});

/** A server that answers any bytes with bytes that are no HTTP. */
async function startChatter(): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume().end('SSH-2.0-OpenSSH_9.2\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Runs `work` while the table has another name. */
async function withoutTable<T>(dataDirectory: string, table: string | undefined, work: () => Promise<T>): Promise<T> {
  if (table === undefined) return work();
  const client = await connectTo(dataDirectory);
  const [schema, name] = table.split('.') as [string, string];
  try {
    await client.query(`ALTER TABLE ${schema}.${name} RENAME TO ${name}_away`);
    try {
      return await work();
    } finally {
      await client.query(`ALTER TABLE ${schema}.${name}_away RENAME TO ${name}`);
    }
  } finally {
    await client.end();
  }
}

function edgesOf(spans: readonly DecodedSpan[]): Set<string> {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const found = new Set<string>();
  for (const span of spans) {
    if (span.kind !== 'server' && span.kind !== 'consumer') continue;
    const parent = span.parentSpanId === undefined ? undefined : byId.get(span.parentSpanId);
    if (!parent) continue;
    const [from, to] = [String(parent.resource.serviceName), String(span.resource.serviceName)];
    // Work that a service puts aside for itself is a job; events go to others.
    const aside = from === to ? 'job' : 'event';
    found.add(`${from} -${span.kind === 'server' ? 'HTTP' : aside}-> ${to}`);
  }
  return found;
}

function missingEdges(spans: readonly DecodedSpan[]): string[] {
  const found = edgesOf(spans);
  return edges.filter((edge) => !found.has(edge));
}
