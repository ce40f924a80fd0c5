import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { waitFor } from '@signalpress/testing';
import { Worker } from '../src/index.js';
import type { Effect, Job, JobHandler } from '../src/index.js';
import { serviceChannel } from '../src/timing/wake-ups.js';
import { Plan, payload } from './planned-worker.js';
import type { Payload } from './planned-worker.js';
import { Gate, startService } from './test-service.js';
import type { TestService } from './test-service.js';

/** Nobody looks by himself as long as a test lasts. */
const asleep = { pollMs: 3_600_000 };
const patience = { timeoutMs: 15_000 };
/** So that whoever had something to do no longer looks for more by himself. */
const calmMs = 300;

const patient = (plan: Plan) => {
  // Others look when a lease is due: this one is not, as long as a test lasts.
  @Worker({ name: 'render', concurrency: 2, leaseMs: 3_600_000, payload })
  class PatientWorker implements JobHandler<Payload> {
    async run(job: Job<Payload>): Promise<Effect> {
      plan.seen.push({ attempt: job.attempt, payload: job.payload, at: performance.now() });
      await plan.run(job);
      return () => Promise.resolve();
    }
  }
  return PatientWorker;
};

describe('Jobs that nobody polls for', () => {
  let database: TestDatabase;
  let running: TestService[];

  const start = async (plan: Plan, member: string, listen = true): Promise<TestService> => {
    const service = await startService({
      databaseUrl: database.url,
      service: 'shop',
      member,
      providers: [patient(plan)],
      tuning: { ...asleep, listen },
    });
    running.push(service);
    return service;
  };
  const enqueue = (service: TestService, views: number): Promise<void> =>
    service.db.transaction((tx) => service.jobs.enqueue(tx, { name: 'render', payload: { views } }));

  beforeEach(async () => {
    database = await createTestDatabase();
    running = [];
  });
  afterEach(async () => {
    await Promise.allSettled(running.map((service) => service.stop()));
    await database.close();
  });

  it('are taken by the process that wrote them, which hears of the commit without a notification', async () => {
    const plan = new Plan();
    const service = await start(plan, 'first', false);
    const heard: string[] = [];
    await service.db.listen(serviceChannel('shop'), (told) => heard.push(told));
    for (let round = 1; round <= 3; round++) {
      await sleep(calmMs);
      await enqueue(service, round);
      await waitFor(() => plan.seen.length === round, patience);
    }
    // What was told at the commits arrives before this.
    await service.db.listen('afterwards', (told) => heard.push(told));
    await sql`select pg_notify('afterwards', 'end')`.execute(service.db.kysely);
    await waitFor(() => heard.includes('end'), patience);
    expect(heard).toEqual(['end']);
  });

  it('are handed to another instance when the one that wrote them has no hand free', async () => {
    const [plan, other] = [new Plan(), new Plan()];
    const gate = new Gate();
    plan.run = () => gate.opened;
    const first = await start(plan, 'first');
    await enqueue(first, 1);
    await enqueue(first, 2);
    await waitFor(() => plan.seen.length === 2, patience);
    await start(other, 'second');
    for (let round = 1; round <= 3; round++) {
      await sleep(calmMs);
      await enqueue(first, 10 + round);
      await waitFor(() => other.seen.length === round, patience);
    }
    expect(other.seen.map((one) => one.payload.views)).toEqual([11, 12, 13]);
    gate.open();
  });
});
