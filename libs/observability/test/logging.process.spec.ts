import { mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startOtlpSink, waitFor } from '@signalpress/testing';
import { startLibraryProcess } from './support/library-process.js';
import type { LibraryProcess } from './support/library-process.js';

let running: LibraryProcess | undefined;
const start = (env: Record<string, string> = {}, stdout: 'pipe' | number = 'pipe') => {
  running = startLibraryProcess(env, stdout);
  return running;
};
afterEach(() => {
  if (running?.child.exitCode === null) running.child.kill('SIGKILL');
  running = undefined;
});

describe.each(['fastify', 'express'])('everything on stdout, on %s', (ADAPTER) => {
  it('is a JSON line of ours with the trace of the start-up, from the first line of Nest on', async () => {
    const app = start({ ADAPTER });
    await app.listening();
    await waitFor(() => app.output().includes('"tick"'));
    const contexts = app.lines().map(({ context }) => context);
    expect(contexts).toEqual(expect.arrayContaining(['NestFactory', 'InstanceLoader', 'NestApplication', 'Fixture']));
    for (const line of app.lines()) expect(line).toMatchObject({ service: 'sample', level: expect.any(String) });
    const tick = app.lines().find(({ msg }) => msg === 'tick');
    const traces = new Set(
      app
        .lines()
        .filter((line) => line !== tick && line['msg'] !== 'tick')
        .map((line) => line['trace_id']),
    );
    expect(traces.size).toBe(1);
    expect([...traces][0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('stays JSON when the start breaks, and says what broke', async () => {
    const app = start({ ADAPTER, FIXTURE: 'broken' });
    expect(await app.exited()).toBe(1);
    const failure = app.lines().find(({ level }) => level === 'error');
    expect(JSON.stringify(failure)).toContain('the start is broken');
    expect(failure?.['trace_id']).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('the start-up trace', () => {
  it('shows where the time went, and ends with the start: what began in it is outside of it afterwards', async () => {
    const sink = await startOtlpSink();
    const app = start({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl, OTEL_BSP_SCHEDULE_DELAY: '50' });
    const url = await app.listening();
    await waitFor(() => app.output().includes('"tick"'));
    await fetch(`${url}/health/ready`);
    const spans = await sink.waitForSpans((all) => all.some(({ name }) => name === 'start-up'));
    const root = spans.find(({ name }) => name === 'start-up');
    expect(root?.parentSpanId).toBeUndefined();
    expect(spans.find(({ name }) => name === 'AppModule.onModuleInit')?.traceId ?? root?.traceId).toBe(root?.traceId);
    expect(app.lines().find(({ msg }) => msg === 'tick')).not.toHaveProperty('trace_id');
    app.child.kill('SIGTERM');
    expect(await app.exited()).toBe(0);
    await sink.close();
  });
});

describe('buffered lines', () => {
  it.each([
    ['process.exit', 'exit', 3],
    ['an uncaught exception', 'uncaught', 1],
    ['a rejection that nobody awaits', 'rejected', 1],
  ])('are all written at the end by %s', async (_, FIXTURE, code) => {
    const app = start({ FIXTURE, LINES: '2000' });
    expect(await app.exited()).toBe(code);
    const numbers = app.lines().flatMap(({ n }) => (n === undefined ? [] : [n]));
    expect(numbers).toEqual(Array.from({ length: 2_000 }, (_each, index) => index));
  });

  it('arrive in order in a file too', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'lines-')), 'out.log');
    const app = start({ FIXTURE: 'exit', LINES: '2000' }, openSync(path, 'a'));
    expect(await app.exited()).toBe(3);
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as { n?: number }).filter(({ n }) => n !== undefined)).toHaveLength(
      2_000,
    );
  });

  it('are few when the process is killed: nothing that filled a buffer, and no more than the last 16 KiB', async () => {
    // To a file: a pipe whose reader is slow keeps more.
    const path = join(mkdtempSync(join(tmpdir(), 'lines-')), 'out.log');
    const app = start({ FIXTURE: 'die', LINES: '2000' }, openSync(path, 'a'));
    await app.exited();
    const written = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"n":')).length;
    expect(written).toBeGreaterThan(1_800);
  });

  it('do not stop a service whose reader is gone (EPIPE)', async () => {
    const app = start();
    const url = await app.listening();
    app.child.stdout?.destroy();
    for (let n = 0; n < 50; n++) expect((await fetch(`${url}/work`)).status).toBe(200);
    expect((await fetch(`${url}/boom`)).status).toBe(500);
    expect((await fetch(`${url}/work`)).status).toBe(200);
    app.child.kill('SIGTERM');
    expect(await app.exited()).toBe(0);
  });

  it('do not stop a service whose reader does not read', async () => {
    const app = start();
    const url = await app.listening();
    app.child.stdout?.pause();
    const path = 'x'.repeat(400);
    for (let n = 0; n < 400; n++) expect((await fetch(`${url}/${path}`)).status).toBe(404);
    app.child.stdout?.resume();
    app.child.kill('SIGTERM');
    expect(await app.exited()).toBe(0);
    expect(app.lines().filter(({ path: line }) => line === `/${path}`).length).toBeGreaterThan(0);
  });
});
