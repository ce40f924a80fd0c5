import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import { SpanKind, context, propagation, trace, ROOT_CONTEXT } from '@opentelemetry/api';
import { functions } from './functions.js';
import { httpFeatures } from './http-features.js';
import type { Libraries, Part, Probe, Running } from './libraries.js';
import { results } from './results.js';
import { scopes } from './scopes.js';
import { shapes } from './shapes.js';

type Instrument = NonNullable<NestApplicationOptions['instrument']>;
interface Request {
  readonly headers: Record<string, string | string[] | undefined>;
  readonly url?: string;
}
interface Response {
  once(event: 'close', listener: () => void): void;
}

/** How an application of one platform and version is made. */
export interface Platform {
  readonly libraries: Libraries;
  create(module: object, options: Omit<NestApplicationOptions, never>): Promise<INestApplication>;
}

export interface RunningConformanceApp extends Running {
  readonly url: string;
  readonly probes: readonly Probe[];
}

/** The application, new classes each time, listening on a free port. With an instrument, each request is a server span. */
export async function startConformanceApp(platform: Platform, instrument?: Instrument): Promise<RunningConformanceApp> {
  const { libraries } = platform;
  const parts: Part[] = [shapes, functions, results, scopes, httpFeatures].map((part) => part(libraries));
  @libraries.common.Module({
    imports: parts.flatMap(({ imports }) => imports ?? []),
    controllers: parts.flatMap(({ controllers }) => controllers ?? []),
    providers: parts.flatMap(({ providers }) => providers),
  })
  class ConformanceModule {}
  const app = await platform.create(ConformanceModule, {
    logger: false,
    abortOnError: false,
    forceCloseConnections: true,
    ...(instrument ? { instrument } : {}),
  });
  if (instrument) app.use(serverSpan);
  for (const { prepare } of parts) prepare?.(app);
  await app.listen(0, '127.0.0.1');
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const request = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, init);
    const kind = response.headers.get('content-type')?.split(';')[0];
    return [response.status, kind, response.headers.get('x-kind'), await response.text()];
  };
  return { app, url, request, probes: parts.flatMap(({ probes }) => probes) };
}

function serverSpan(request: Request, response: Response, next: () => void): void {
  const parent = propagation.extract(ROOT_CONTEXT, request.headers);
  const span = trace.getTracer('conformance').startSpan('server', { kind: SpanKind.SERVER }, parent);
  response.once('close', () => span.end());
  context.with(trace.setSpan(parent, span), next);
}

/** What each probe saw: its value, or the error. Under a recording span where there is a tracer provider. */
export async function observe(running: RunningConformanceApp): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const probe of running.probes) {
    const span = trace.getTracer('conformance').startSpan('probe');
    seen[probe.title] = await context.with(trace.setSpan(context.active(), span), () => outcome(probe, running));
    span.end();
  }
  return seen;
}

async function outcome(probe: Probe, running: Running): Promise<string> {
  try {
    return JSON.stringify(await probe.run(running), (_key, value: unknown) =>
      value === undefined ? '(undefined)' : typeof value === 'function' ? '(function)' : value,
    );
  } catch (error) {
    return `threw ${error instanceof Error ? String(error.stack) : String(error)}`;
  }
}
