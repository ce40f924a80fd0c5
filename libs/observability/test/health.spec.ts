import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectLogs, waitFor } from '@signalpress/testing';
import { HealthChecks, Lifecycle, Metrics } from '../src/index.js';
import { startSampleApp } from './support/sample-app.js';
import type { SampleApp } from './support/sample-app.js';

/** A dependency that takes connections and answers, hangs or hangs up, as told. */
class Dependency {
  mode: 'answers' | 'hangs' | 'hangs up' = 'answers';
  connections = 0;
  private readonly sockets = new Set<Socket>();
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Dependency> {
    const server = createServer();
    const dependency = new Dependency(server);
    server.on('connection', (socket) => dependency.take(socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return dependency;
  }

  /** Half a check: connects and waits for a byte. `obedient` ones end when they are cut. */
  readonly ask =
    (obedient: boolean) =>
    async (signal: AbortSignal): Promise<void> => {
      const socket = connect((this.server.address() as AddressInfo).port, '127.0.0.1');
      if (obedient) signal.addEventListener('abort', () => socket.destroy());
      await new Promise<void>((resolve, reject) => {
        socket.once('data', () => resolve());
        socket.once('error', reject);
        socket.once('close', () => reject(new Error('the connection was closed')));
      });
      socket.destroy();
    };

  hangUp(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.hangUp();
    this.server.close();
    await once(this.server, 'close');
  }

  private take(socket: Socket): void {
    this.connections += 1;
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    if (this.mode === 'answers') socket.write('.');
    else if (this.mode === 'hangs up') socket.destroy();
  }
}

interface Answer {
  readonly status: number;
  readonly body: {
    readonly status: string;
    readonly details: Record<string, { status: string; message?: string; ageMs: number; durationMs: number }>;
  };
}

let sample: SampleApp;
let dependency: Dependency;
let health: HealthChecks;

beforeEach(async () => {
  dependency = await Dependency.start();
  sample = await startSampleApp({
    serviceName: 'sample',
    logDestination: collectLogs().stream,
    healthRefreshMs: 50,
  });
  health = sample.app.get(HealthChecks);
});
afterEach(async () => {
  await sample.close();
  await dependency.close();
});

const ready = async (path = '/health/ready'): Promise<Answer> => {
  const response = await fetch(`${sample.url}${path}`);
  return { status: response.status, body: (await response.json()) as Answer['body'] };
};
const until = (predicate: () => Promise<boolean>, message: string) =>
  waitFor(predicate, { timeoutMs: 10_000, message });
const timed = async <T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> => {
  const startedAt = performance.now();
  return { result: await work(), ms: performance.now() - startedAt };
};

describe('a dependency that hangs', () => {
  it('makes no request wait: 200 probes answer in a fraction of its timeout, with what was known last', async () => {
    const timeoutMs = 20_000;
    health.register({ name: 'database', critical: true, timeoutMs, check: dependency.ask(false) });
    expect((await ready()).status).toBe(200);
    dependency.mode = 'hangs';
    const before = dependency.connections;
    await until(() => Promise.resolve(dependency.connections > before), 'a run that hangs');
    const probes = await timed(() => Promise.all(Array.from({ length: 200 }, () => ready())));
    expect(probes.ms).toBeLessThan(timeoutMs / 2);
    expect(probes.result.every(({ status }) => status === 200)).toBe(true);
    expect(dependency.connections).toBe(before + 1);
  });

  it('is down once it is cut; probes are then as quick as those of liveness, and none begins it again', async () => {
    health.register({ name: 'database', critical: true, timeoutMs: 400, check: dependency.ask(false) });
    await ready();
    dependency.mode = 'hangs';
    await until(async () => (await ready()).status === 503, 'readiness 503');
    const { connections } = dependency;
    const burst = (path: string) => timed(() => Promise.all(Array.from({ length: 200 }, () => ready(path))));
    await burst('/health/live');
    const live = await burst('/health/live');
    const { result, ms } = await burst('/health/ready');
    expect(ms).toBeLessThan(5 * live.ms + 400);
    for (const { status, body } of result) {
      expect(status).toBe(503);
      expect(body.details['database']).toMatchObject({ status: 'down', message: expect.stringContaining('no answer') });
    }
    expect(dependency.connections).toBe(connections);
  });

  it('lets the very first probes wait for one run only, at most for its timeout', async () => {
    dependency.mode = 'hangs';
    health.register({ name: 'database', critical: true, timeoutMs: 200, check: dependency.ask(true) });
    const answers = await Promise.all(Array.from({ length: 50 }, () => ready()));
    for (const { status, body } of answers) {
      expect(status).toBe(503);
      expect(body.details['database']?.message).toContain('no answer within 200 ms');
    }
    expect(dependency.connections).toBe(1);
  });

  it('is seen to recover, where the check ends when it is cut, and where it ends by itself', async () => {
    for (const obedient of [true, false]) {
      dependency.mode = 'hangs';
      const name = obedient ? 'obedient' : 'deaf';
      health.register({ name, critical: true, timeoutMs: 100, check: dependency.ask(obedient) });
      expect((await ready()).body.details[name]?.status).toBe('down');
      dependency.mode = 'answers';
      // A deaf check hears of it when the other side gives the connection up.
      if (!obedient) dependency.hangUp();
      await until(async () => (await ready()).body.details[name]?.status === 'up', `${name} is up`);
      // The other check, too, which the same dependency let hang.
      await until(async () => (await ready()).status === 200, 'readiness 200');
    }
  });

  it('does not keep others waiting that it has nothing to do with', async () => {
    health.register({ name: 'cache', critical: false, timeoutMs: 10_000, check: () => Promise.resolve() });
    await ready();
    const live = await timed(() => ready('/health/live'));
    expect(live.result.status).toBe(200);
    expect((await ready('/health/startup')).status).toBe(200);
  });
});

describe('the answer', () => {
  it('is degraded while something that is not critical is down, and unready while something critical is', async () => {
    dependency.mode = 'hangs up';
    health.register({ name: 'cache', critical: false, check: dependency.ask(true) });
    expect(await ready()).toMatchObject({
      status: 200,
      body: { status: 'degraded', details: { cache: { status: 'degraded', message: 'the connection was closed' } } },
    });
    health.register({ name: 'database', critical: true, check: dependency.ask(true) });
    expect(await ready()).toMatchObject({ status: 503, body: { details: { database: { status: 'down' } } } });
    dependency.mode = 'answers';
    await until(async () => (await ready()).body.status === 'ok', 'all well');
  });

  it('says how old a result is, and refreshes it in the background', async () => {
    health.register({ name: 'database', critical: true, refreshMs: 300, check: dependency.ask(true) });
    await ready();
    await new Promise((resolve) => setTimeout(resolve, 60));
    const { ageMs } = (await ready()).body.details['database'] ?? { ageMs: 0 };
    expect(ageMs).toBeGreaterThanOrEqual(50);
    expect(dependency.connections).toBe(1);
    await until(() => Promise.resolve(dependency.connections > 2), 'runs that nobody asked for one by one');
  });

  it('counts a result as down that is older than it may be', async () => {
    health.register({ name: 'database', critical: true, timeoutMs: 50, check: dependency.ask(true) });
    expect((await ready()).status).toBe(200);
    const lifecycle = sample.app.get(Lifecycle);
    await lifecycle.shutdown('spec');
    const { connections } = dependency;
    await until(
      async () => (await ready()).body.details['database']?.message?.startsWith('the last result is') === true,
      'an old result',
    );
    expect((await ready()).body.details['database']).toMatchObject({
      status: 'down',
      message: expect.stringMatching(/^the last result is \d+ ms old, and valid for 200 ms$/),
    });
    expect(dependency.connections).toBe(connections);
  });

  it('is told as metrics too', async () => {
    health.register({ name: 'database', critical: true, check: dependency.ask(true) });
    health.register({ name: 'cache', critical: false, check: () => Promise.reject(new Error('gone')) });
    await ready();
    const text = await sample.app.get(Metrics).scrape();
    expect(text).toContain('health_check_up{check="database"} 1\n');
    expect(text).toContain('health_check_up{check="cache"} 0\n');
    expect(text).toMatch(/health_check_duration_seconds_count\{check="database"\} [1-9]/);
  });

  it('survives checks that throw at once, reject with nothing, or have a taken name', async () => {
    health.register({
      name: 'throws',
      critical: false,
      check: () => {
        throw new Error('at once');
      },
    });
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what a careless client does
    health.register({ name: 'nothing', critical: false, check: () => Promise.reject() });
    expect((await ready()).body.details).toMatchObject({
      throws: { status: 'degraded', message: 'at once' },
      nothing: { status: 'degraded' },
    });
    expect(() => health.register({ name: 'throws', critical: true, check: () => Promise.resolve() })).toThrow('twice');
  });
});
