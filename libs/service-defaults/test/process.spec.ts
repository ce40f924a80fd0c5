import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOtlpSink, waitFor } from '@signalpress/testing';
import type { OtlpSink } from '@signalpress/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startServiceProcess } from './service-process.js';
import type { ServiceProcess } from './service-process.js';

const filesBelow = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

let running: ServiceProcess | undefined;
let sink: OtlpSink | undefined;
const start = async (env: Record<string, string> = {}, args: string[] = []) => {
  running = await startServiceProcess(env, args);
  return running;
};
afterEach(async () => {
  if (running?.child.exitCode === null) running.child.kill('SIGKILL');
  running = undefined;
  await sink?.close();
  sink = undefined;
});

describe('a service that cannot start', () => {
  it('names every wrong variable and exits with 1', async () => {
    const service = await start({ PORT: 'http', WORKERS: '', LOG_LEVEL: 'loud' });
    expect((await service.exited()).code).toBe(1);
    expect(service.errors().trim().split('\n')).toEqual([
      'monitoring did not start: the environment has 3 problems:',
      '  PORT: must be a whole number from 0 to 65535 (it is "http")',
      '  LOG_LEVEL: Invalid option: expected one of "fatal"|"error"|"warn"|"info"|"debug"|"trace" (it is "loud")',
      '  WORKERS: is not set',
    ]);
    expect(service.output()).toBe('');
  });

  it('says in one line that its port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1').unref();
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const service = await start({ PORT: String(port) });
    expect((await service.exited()).code).toBe(1);
    expect(service.errors()).toBe(
      `monitoring did not start: port ${port} on 127.0.0.1 is in use; free it or set PORT\n`,
    );
    expect(service.output()).toContain('clients closed');
  });

  it.each([
    ['database-away', 'the database does not answer (connect ECONNREFUSED 127.0.0.1:1); start it or set DATABASE_URL'],
    ['expected', 'the data directory is full'],
  ])('says in one line what is missing (%s)', async (fixture, line) => {
    const service = await start({ FIXTURE: fixture });
    expect((await service.exited()).code).toBe(1);
    expect(service.errors()).toBe(`monitoring did not start: ${line}\n`);
  });

  it('shows the stack of a defect', async () => {
    const service = await start({ FIXTURE: 'defect' });
    expect((await service.exited()).code).toBe(1);
    expect(service.errors()).toMatch(/^monitoring did not start: TypeError: undefined is not a function\n\s+at /);
  });

  it('names a tracing variable that cannot be used', async () => {
    const service = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'nonsense' });
    expect((await service.exited()).code).toBe(1);
    expect(service.errors()).toMatch(/^monitoring did not start: OTEL_EXPORTER_OTLP_ENDPOINT .+\n$/);
  });
});

describe('a service that is to migrate alone', () => {
  it.each([
    ['fresh', 'monitoring: migrations applied: messaging/0001_init.sql, own/0001_init.sql\n'],
    ['migrated', 'monitoring: nothing to migrate\n'],
  ])('says what it did and exits with 0, without listening (%s)', async (fixture, line) => {
    // A PORT that no service could have: only the database is asked for.
    const service = await start({ FIXTURE: fixture, PORT: 'none' }, ['migrate']);
    expect((await service.exited()).code).toBe(0);
    expect(service.output()).toBe(line);
    expect(service.errors()).toBe('');
  });

  it.each([
    ['migration-fails', 'The migration own/0002.sql failed: syntax error at "tabel"'],
    ['database-away', 'the database does not answer (connect ECONNREFUSED); start it or set DATABASE_URL'],
    ['no-database-url', 'the environment has 1 problem:\n  DATABASE_URL: is not set'],
    ['plain', 'it has no database'],
  ])('says what is to be mended and exits with 1 (%s)', async (fixture, reason) => {
    const service = await start({ FIXTURE: fixture }, ['migrate']);
    expect((await service.exited()).code).toBe(1);
    expect(service.errors()).toBe(`monitoring did not migrate: ${reason}\n`);
    expect(service.output()).toBe('');
  });

  it('shows the stack of a defect', async () => {
    const service = await start({ FIXTURE: 'defect' }, ['migrate']);
    expect((await service.exited()).code).toBe(1);
    expect(service.errors()).toMatch(/^monitoring did not migrate: TypeError: undefined is not a function\n\s+at /);
  });

  it('does not take any word for a command', async () => {
    const service = await start({}, ['migrat']);
    expect((await service.exited()).code).toBe(1);
    expect(service.errors()).toBe('monitoring: unknown command "migrat"; there is "migrate"\n');
  });
});

describe('a service that is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'answers what it has taken, closes its clients and exits with 0 (%s)',
    async (signal) => {
      const service = await start();
      await service.ready();
      const answer = fetch(`${service.url}/slow`);
      await waitFor(() => service.output().includes('slow request taken'));
      service.child.kill(signal);
      const response = await answer;
      expect(await response.json()).toEqual({ answered: true });
      expect(response.headers.get('connection')).toBe('close');
      const { code, tookMs } = await service.exited();
      expect(code).toBe(0);
      expect(tookMs).toBeLessThan(3000);
      expect(service.output().indexOf('clients closed')).toBeGreaterThan(
        service.output().indexOf('slow request taken'),
      );
      expect(service.errors()).toBe('');
    },
  );

  it('says that it is not ready while it still serves', async () => {
    const service = await start({ SHUTDOWN_READINESS_DELAY_SECONDS: '1' });
    await service.ready();
    service.child.kill('SIGTERM');
    await waitFor(async () => (await fetch(`${service.url}/health/ready`)).status === 503);
    expect((await fetch(`${service.url}/slow`)).status).toBe(200);
    expect((await service.exited()).code).toBe(0);
  });

  it('ends by itself while it is still starting: as the first process of a container nobody does it for it', async () => {
    const service = await start({ FIXTURE: 'slow-start' });
    await waitFor(() => service.output().includes('building'));
    service.child.kill('SIGTERM');
    expect((await service.exited()).code).toBe(143);
  });

  it('does not take for a failure of its start what fails because it stops', async () => {
    const service = await start({ FIXTURE: 'slow-init' });
    await waitFor(() => service.output().includes('initialising'), { timeoutMs: 15_000 });
    service.child.kill('SIGTERM');
    expect((await service.exited()).code).toBe(0);
    expect(service.output()).toContain('shutdown is complete');
    expect(service.output()).not.toContain('the pool is closed');
    expect(service.errors()).toBe('');
  });

  it('stops when its parent goes away', async () => {
    const service = await start();
    await service.ready();
    service.child.disconnect();
    expect((await service.exited()).code).toBe(0);
    expect(service.output()).toContain('clients closed');
  });

  it('exits with 1 at once on a second signal', async () => {
    const service = await start({ FIXTURE: 'stuck' });
    await service.ready();
    service.child.kill('SIGTERM');
    await sleep(300);
    service.child.kill('SIGINT');
    const { code, tookMs } = await service.exited();
    expect(code).toBe(1);
    expect(tookMs).toBeLessThan(1000);
  });

  it('has written its compiled code when it is ready, and not as it ends', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'signalpress-compiled-'));
    try {
      const service = await start({ NODE_COMPILE_CACHE: directory });
      await service.ready();
      const written = filesBelow(directory);
      expect(written.length).toBeGreaterThan(100);
      service.child.kill('SIGTERM');
      expect((await service.exited()).code).toBe(0);
      // A module that only the end needs is few bytes; all modules are seconds on a busy machine.
      expect(filesBelow(directory).length - written.length).toBeLessThan(10);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('sends its last spans before it ends', async () => {
    sink = await startOtlpSink();
    const service = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl });
    await service.ready();
    await fetch(`${service.url}/slow`);
    service.child.kill('SIGTERM');
    expect((await service.exited()).code).toBe(0);
    expect(sink.spans().map(({ name }) => name)).toContain('GET /slow');
    expect(sink.spans()[0]?.resource.serviceName).toBe('monitoring');
  });

  it('does not wait for a collector that is dead longer than the deadline', async () => {
    sink = await startOtlpSink();
    sink.behave('hang');
    const service = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl, SHUTDOWN_DEADLINE_SECONDS: '2' });
    await service.ready();
    await fetch(`${service.url}/slow`);
    service.child.kill('SIGTERM');
    expect((await service.exited()).tookMs).toBeLessThan(3000);
  });

  it('reports an error that nobody caught and exits with 1, in order', async () => {
    const service = await start({ FIXTURE: 'late-error' });
    const { code } = await service.exited();
    expect(code).toBe(1);
    expect(service.output()).toContain('nobody caught this');
    expect(service.output()).toContain('clients closed');
  });

  it('exits with 1 when the deadline passes', async () => {
    const service = await start({ FIXTURE: 'stuck', SHUTDOWN_DEADLINE_SECONDS: '1' });
    await service.ready();
    service.child.kill('SIGTERM');
    const { code, tookMs } = await service.exited();
    expect(tookMs).toBeLessThan(2500);
    expect(service.output()).toContain('clients closed');
    expect(code).toBe(1);
  });
});
