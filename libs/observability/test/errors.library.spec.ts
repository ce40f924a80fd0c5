import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import * as Sentry from '@sentry/nestjs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectLogs, startOtlpSink, startSentrySink } from '@signalpress/testing';
import type { OtlpSink, SentrySink } from '@signalpress/testing';
import { ErrorReporter, Lifecycle } from '../src/index.js';
import { startLibraryProcess } from './support/library-process.js';
import type { LibraryProcess } from './support/library-process.js';
import { startSampleApp } from './support/sample-app.js';

let sentry: SentrySink;
let sink: OtlpSink;
let running: LibraryProcess | undefined;
beforeEach(async () => {
  [sentry, sink] = await Promise.all([startSentrySink(), startOtlpSink()]);
});
afterEach(async () => {
  if (running?.child.exitCode === null) running.child.kill('SIGKILL');
  running = undefined;
  await Promise.all([sentry.close(), sink.close()]);
});
const start = (env: Record<string, string>) =>
  (running = startLibraryProcess({ SENTRY_DSN: sentry.dsn, OTEL_BSP_SCHEDULE_DELAY: '50', ...env }));

describe.each([
  ['fastify', true],
  ['fastify', false],
  ['express', true],
  ['express', false],
])('an application that has the library alone, on %s, OTLP %s', (ADAPTER, otlp) => {
  it('reports what a controller throws without any filter, once, and answers as before', async () => {
    const app = start({ ADAPTER, ...(otlp ? { OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl } : {}) });
    const url = await app.listening();
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const response = await fetch(`${url}/boom`, { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ statusCode: 500, message: 'Internal server error' });
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    const event = await sentry.waitForEvent();
    app.child.kill('SIGTERM');
    expect(await app.exited()).toBe(0);
    expect(sentry.events()).toHaveLength(1);
    expect(sentry.transactions()).toEqual([]);
    expect(
      sentry
        .others()
        .map(({ type }) => type)
        .filter((type) => type !== 'client_report'),
    ).toEqual([]);
    expect(event.exceptions.at(-1)?.value).toBe('the controller broke for [redacted]');
    expect(event).toMatchObject({ release: 'sample@1.2.3', tags: { kind: 'http', service: 'sample' } });
    const lines = app.lines().filter(({ level }) => level === 'error');
    expect(lines).toHaveLength(1);
    expect(event.traceId).toBe(traceId);
    expect(lines[0]).toMatchObject({ trace_id: traceId });
    const servers = sink.spans().filter((span) => span.kind === 'server' && span.traceId === traceId);
    expect(servers).toHaveLength(otlp ? 1 : 0);
    if (otlp) expect(sink.spans().map(({ spanId }) => spanId)).toContain(event.spanId);
    expect(sink.spans().filter(({ name, kind }) => kind === 'client' && name === 'POST')).toEqual([]);
  });
});

describe('an error that nobody caught', () => {
  it.each([
    ['uncaught', 'nobody caught this'],
    ['rejected', 'nobody awaited this'],
  ])('%s: is reported once, flushed, and ends the process with 1', async (FIXTURE, message) => {
    const app = start({ FIXTURE });
    expect(await app.exited()).toBe(1);
    expect(sentry.events().map(({ exceptions }) => exceptions.at(-1)?.value)).toEqual([message]);
    expect(app.lines().filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(app.output()).toContain('flush phase ran');
  });
});

describe('what leaves the process', () => {
  it('holds no personal data and no secret, wherever they were planted', async () => {
    const secrets = [
      'ada@example.org',
      'sk_live_51H8vQpJ3kLmNoPqRsTuVw',
      'hunter2secret',
      'Elm Street 1',
      'CUST-4711',
      'Ada Lovelace',
    ];
    const [email, token, password, address, customer, name] = secrets as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const sample = await startSampleApp({
      serviceName: 'sample',
      sentryDsn: sentry.dsn,
      logDestination: collectLogs().stream,
      redactPaths: ['user.address'],
      redactPatterns: [/CUST-\d{4}/],
    });
    Sentry.setUser({ email, username: name });
    Sentry.addBreadcrumb({ message: `clicked by ${name}`, data: { token } });
    Sentry.setExtra('order', { user: { address }, password, note: `${email} ${customer}` });
    Sentry.setContext('shop', { user: { address }, authorization: `Bearer ${token}` });
    Sentry.getCurrentScope().addEventProcessor((event) => ({
      ...event,
      request: {
        url: `https://u:${password}@h/?token=${token}`,
        headers: { cookie: name },
        cookies: { a: name },
        data: name,
      },
      exception: {
        values: (event.exception?.values ?? []).map((value) => ({
          ...value,
          stacktrace: { frames: (value.stacktrace?.frames ?? []).map((frame) => ({ ...frame, vars: { who: name } })) },
        })),
      },
    }));
    const cause = Object.assign(new Error(`cause ${customer} ${token}`), { password });
    sample.app
      .get(ErrorReporter)
      .report(new Error(`for ${email} at https://u:${password}@h`, { cause }), { kind: 'job' });
    const event = await sentry.waitForEvent();
    await sample.app.get(Lifecycle).shutdown('spec');
    const sent = JSON.stringify([event, sentry.others()]);
    for (const secret of secrets) expect(sent).not.toContain(secret);
    expect(event.exceptions.at(-1)?.value).toBe('for [redacted] at https://u:[redacted]@h');
    await sample.close();
  });
});

describe('installed packages', () => {
  it('hold exactly one @sentry/core: two would each keep a client and a scope of their own', () => {
    const versions: string[] = [];
    const visit = (modules: string): void => {
      if (!existsSync(modules)) return;
      const core = join(modules, '@sentry/core/package.json');
      if (existsSync(core)) versions.push(readFileSync(core, 'utf8'));
      for (const entry of readdirSync(modules, { withFileTypes: true })) {
        if (!entry.isDirectory()) continue;
        const path = join(modules, entry.name);
        const packages = entry.name.startsWith('@') ? readdirSync(path).map((name) => join(path, name)) : [path];
        for (const one of packages) visit(join(one, 'node_modules'));
      }
    };
    visit(fileURLToPath(new URL('../../../node_modules', import.meta.url)));
    expect(versions.map((text) => (JSON.parse(text) as { name: string }).name)).toEqual(['@sentry/core']);
  });
});
