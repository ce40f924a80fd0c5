import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { waitFor } from '@signalpress/testing';
import { DeadLettersService } from '../src/dead-letters/dead-letters.service.js';
import { InvalidJobError, PoisonError, UnavailableError } from '../src/index.js';
import type { JobRequest } from '../src/index.js';
import { Plan, planned } from './planned-worker.js';
import { Gate, countRows, effects, startService } from './test-service.js';
import type { TestService, TestServiceOptions } from './test-service.js';

describe('Jobs', () => {
  let database: TestDatabase;
  let running: TestService[];
  let plan: Plan;
  let service: TestService;

  const start = async (options: Partial<TestServiceOptions> = {}): Promise<TestService> => {
    const started = await startService({ databaseUrl: database.url, service: 'shop', ...options });
    running.push(started);
    return started;
  };
  const enqueue = (job: Partial<JobRequest> = {}): Promise<void> =>
    service.db.transaction((tx) => service.jobs.enqueue(tx, { name: 'render', payload: { views: 1 }, ...job }));
  const rows = async (name = 'render') => {
    const { rows: found } = await sql<{
      state: string;
      attempts: number;
      payload: unknown;
      last_error: string | null;
      run_at: Date;
    }>`select state, attempts, payload, last_error, run_at from jobs where name = ${name} order by run_at`.execute(
      service.db.kysely,
    );
    return found;
  };
  const settled = () =>
    waitFor(
      async () => {
        const found = await rows();
        return found.length > 0 && found.every(({ state }) => state === 'done' || state === 'failed') && found;
      },
      { timeoutMs: 10_000, message: 'the jobs to end' },
    );

  beforeEach(async () => {
    database = await createTestDatabase();
    running = [];
    plan = new Plan();
    service = await start({ member: 'first', providers: [planned(plan, 'first')] });
  });
  afterEach(async () => {
    await Promise.allSettled(running.map((one) => one.stop()));
    await database.close();
  });

  it('runs a job with its checked payload and writes its effect with its end', async () => {
    await enqueue();
    expect(await settled()).toMatchObject([{ state: 'done', attempts: 0 }]);
    expect(plan.seen).toMatchObject([{ attempt: 1, payload: { views: 1, note: 'none' } }]);
    expect(await effects(service.db)).toHaveLength(1);
  });

  it('refuses a job that nobody does, and a payload that the worker does not take', async () => {
    await expect(enqueue({ name: 'rendr' })).rejects.toThrow(InvalidJobError);
    await expect(enqueue({ payload: { views: 'many' } })).rejects.toThrow(/render job is not valid: views: /);
    expect(await rows()).toEqual([]);
  });

  it('enqueues nothing when the transaction is rolled back', async () => {
    const rolledBack = service.db.transaction(async (tx) => {
      await service.jobs.enqueue(tx, { name: 'render', payload: { views: 1 } });
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    expect(await rows()).toEqual([]);
  });

  it('keeps or reschedules what is pending under a key, and cancels it', async () => {
    await enqueue({ key: 'a', delayMs: 60_000, payload: { views: 1 } });
    await enqueue({ key: 'a', delayMs: 0, payload: { views: 2 } });
    expect(await rows()).toMatchObject([{ state: 'pending', payload: { views: 1 } }]);
    await enqueue({ key: 'b', delayMs: 60_000, payload: { views: 3 } });
    await enqueue({ key: 'b', delayMs: 0, payload: { views: 4 }, ifExists: 'reschedule' });
    await waitFor(async () => (await effects(service.db)).length === 1);
    expect(plan.seen.map((run) => run.payload.views)).toEqual([4]);
    await service.db.transaction((tx) => service.jobs.cancel(tx, 'render', 'a'));
    expect(await rows()).toMatchObject([{ state: 'done', payload: { views: 4 } }]);
  });

  it('has one unfinished row per key, however many enqueue at once, and loses none of their news', async () => {
    const enqueued = Array.from({ length: 40 }, (_, views) =>
      enqueue({ key: 'hot', payload: { views }, ifExists: 'reschedule', delayMs: 0 }),
    );
    await Promise.all(enqueued);
    await settled();
    await enqueue({ key: 'hot', payload: { views: 1_000 }, ifExists: 'reschedule' });
    await settled();
    const unfinished = (await rows()).filter(({ state }) => state !== 'done');
    expect(unfinished).toEqual([]);
    expect(plan.seen.at(-1)?.payload.views).toBe(1_000);
  });

  it('runs once more when it is asked for again while it runs', async () => {
    const inside = new Gate();
    const mayGoOn = new Gate();
    plan.run = async (job) => {
      if (job.payload.views !== 1) return;
      inside.open();
      await mayGoOn.opened;
    };
    await enqueue({ key: 'a', payload: { views: 1 } });
    await inside.opened;
    await enqueue({ key: 'a', payload: { views: 2 }, ifExists: 'reschedule' });
    expect(await rows()).toMatchObject([{ state: 'running', payload: { views: 1 } }]);
    mayGoOn.open();
    await waitFor(async () => (await effects(service.db)).length === 2);
    expect(plan.seen.map((run) => run.payload.views)).toEqual([1, 2]);
  });

  it('may enqueue itself again in its own effect', async () => {
    plan.inEffect = async (tx, job) => {
      if (job.payload.views < 3) {
        await service.jobs.enqueue(tx, { name: 'render', key: 'self', payload: { views: job.payload.views + 1 } });
      }
    };
    await enqueue({ key: 'self', payload: { views: 1 } });
    await waitFor(async () => (await effects(service.db)).length === 3);
    expect(plan.seen.map((run) => run.payload.views)).toEqual([1, 2, 3]);
  });

  it('does not run before its time, and on time although polling is slow', async () => {
    const slow = await start({ service: 'slow', tuning: { pollMs: 60_000 }, providers: [planned(plan, 'slow')] });
    const enqueuedAt = performance.now();
    await slow.db.transaction((tx) => slow.jobs.enqueue(tx, { name: 'render', payload: { views: 1 }, delayMs: 300 }));
    await waitFor(() => plan.seen.length === 1);
    expect(plan.seen[0]!.at - enqueuedAt).toBeGreaterThanOrEqual(299);
  });

  it('never has more than its number of jobs at once', async () => {
    let atOnce = 0;
    let most = 0;
    plan.run = async () => {
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
    };
    for (let views = 0; views < 20; views++) await enqueue({ payload: { views } });
    await waitFor(async () => (await effects(service.db)).length === 20, { timeoutMs: 10_000 });
    expect(most).toBeLessThanOrEqual(2);
  });

  it('keeps a long job by renewing its lease', async () => {
    const started = performance.now();
    plan.run = async () => {
      // Three times the lease.
      await waitFor(() => performance.now() - started > 1_800, { timeoutMs: 5_000 });
    };
    const secondPlan = new Plan();
    await start({ member: 'second', providers: [planned(secondPlan, 'second')] });
    await enqueue();
    await settled();
    expect([...plan.seen, ...secondPlan.seen]).toHaveLength(1);
  });

  it('an instance that dies loses its job to another, and what it still does has no effect', async () => {
    const inside = new Gate();
    const mayGoOn = new Gate();
    plan.run = async () => {
      inside.open();
      await mayGoOn.opened;
    };
    await enqueue();
    await inside.opened;
    await service.kill();
    const secondPlan = new Plan();
    const second = await start({ member: 'second', providers: [planned(secondPlan, 'second')] });
    await waitFor(async () => (await effects(second.db)).length === 1, { timeoutMs: 10_000 });
    expect(secondPlan.seen).toMatchObject([{ attempt: 2 }]);
    mayGoOn.open();
    await service.stop();
    expect((await effects(second.db)).map((row) => row.member)).toEqual(['second']);
  });

  it('fences a worker whose lease ran out: its effect is rolled back', async () => {
    const signals: AbortSignal[] = [];
    const secondRun = new Gate();
    plan.run = async (job) => {
      signals.push(job.signal);
      if (signals.length > 1) {
        secondRun.open();
        return;
      }
      // As if the process had stood still for longer than its lease.
      await sql`update jobs set lease_until = clock_timestamp() - interval '1 second' where id = ${job.id}`.execute(
        service.db.kysely,
      );
      await secondRun.opened;
      await waitFor(() => job.signal.aborted);
    };
    // What is taken anew gets a new token; renewing by the old one must not bring the lease back, so it is not renewed.
    await sql`create function keep_expired() returns trigger language plpgsql as $$
      begin
        if old.lease_until < clock_timestamp() and new.lease_token = old.lease_token and new.state = 'running' then
          return null;
        end if;
        return new;
      end $$`.execute(service.db.kysely);
    await sql`create trigger keep_expired before update on jobs for each row execute function keep_expired()`.execute(
      service.db.kysely,
    );
    await enqueue();
    await waitFor(async () => (await effects(service.db)).length === 1 && signals[0]?.aborted, { timeoutMs: 10_000 });
    await settled();
    expect(plan.seen.map((run) => run.attempt)).toEqual([1, 2]);
    expect(await effects(service.db)).toHaveLength(1);
  });

  it('tries an unknown error a bounded number of times, then leaves a dead letter that can be replayed', async () => {
    plan.run = () => Promise.reject(new Error('broken pen'));
    await enqueue({ key: 'a' });
    expect(await settled()).toMatchObject([{ state: 'failed', last_error: 'Error: broken pen' }]);
    expect(plan.seen.map((run) => run.attempt)).toEqual([1, 2, 3]);
    const deadLetters = service.get(DeadLettersService);
    const { items } = await deadLetters.page(10);
    expect(items).toMatchObject([
      { kind: 'job', name: 'render', key: 'a', attempts: 3, error: { code: 'Error', message: 'broken pen' } },
    ]);
    plan.run = () => Promise.resolve();
    expect(await deadLetters.replay(items[0]!.id)).toEqual({ id: items[0]!.id, outcome: 'enqueued' });
    await waitFor(async () => (await effects(service.db)).length === 1);
    await expect(deadLetters.replay(items[0]!.id)).rejects.toThrow('It was replayed before');
  });

  it('does not try poison again', async () => {
    plan.run = () => Promise.reject(new PoisonError('never'));
    await enqueue();
    await settled();
    expect(plan.seen).toHaveLength(1);
    expect(await countRows(service.db, 'dead_letters')).toBe(1);
  });

  it('waits for what is unavailable without counting, at least as long as it was told', async () => {
    let failures = 0;
    plan.run = () => {
      failures += 1;
      if (failures === 1) return Promise.reject(new UnavailableError('429', { retryAfterMs: 400 }));
      return failures < 10 ? Promise.reject(new UnavailableError('503')) : Promise.resolve();
    };
    await enqueue();
    await settled();
    expect(plan.seen.map((run) => run.attempt)).toEqual(Array.from({ length: 10 }, () => 1));
    expect(plan.seen[1]!.at - plan.seen[0]!.at).toBeGreaterThanOrEqual(400);
    expect(await countRows(service.db, 'dead_letters')).toBe(0);
    expect(await effects(service.db)).toHaveLength(1);
  });

  it('repeats only the effect when its connection is lost', async () => {
    let effectsTried = 0;
    plan.inEffect = async (tx) => {
      effectsTried += 1;
      if (effectsTried < 3) await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx);
    };
    await enqueue();
    await settled();
    expect(plan.seen).toHaveLength(1);
    expect(effectsTried).toBe(3);
    expect(await effects(service.db)).toHaveLength(1);
  });

  it.each([
    { limit: 'its own limit', options: { tuning: { drainMs: 100 } } },
    { limit: 'the deadline of the shutdown', options: { shutdownDeadlineMs: 2_000, tuning: { drainMs: 8_000 } } },
  ])('gives running jobs back in order when $limit is near, and another instance does them', async ({ options }) => {
    const inside = new Gate();
    const aborted = new Gate();
    const hasty = await start({
      service: 'hasty',
      ...options,
      providers: [planned(plan, 'hasty')],
    });
    plan.run = async (job) => {
      if (plan.seen.length > 1) return;
      inside.open();
      await new Promise<void>((resolve) => job.signal.addEventListener('abort', () => resolve()));
      aborted.open();
      throw new Error('aborted');
    };
    await hasty.db.transaction((tx) => hasty.jobs.enqueue(tx, { name: 'render', payload: { views: 1 } }));
    await inside.opened;
    await hasty.stop();
    await aborted.opened;
    expect(hasty.logs.lines().filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
    const next = await start({ service: 'hasty', member: 'next', providers: [planned(plan, 'next')] });
    await waitFor(async () => (await effects(next.db)).length === 1);
    expect((await effects(next.db))[0]?.member).toBe('next');
    expect(plan.seen.map((run) => run.attempt)).toEqual([1, 1]);
  });
});
