import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clock } from '@signalpress/service-defaults';
import { RetentionWorker } from '../src/read-model/read-model.retention.js';
import { startMonitoring, walk } from './monitoring-app.js';
import type { MonitoringApp } from './monitoring-app.js';

let app: MonitoringApp;

beforeAll(async () => {
  app = await startMonitoring();
});
afterAll(() => app.close());

const DAY_MS = 86_400_000;
const tables = ['signals', 'signal_ideas', 'idea_events', 'ideas', 'listings'] as const;
const runAt = async (daysFromNow: number): Promise<void> => {
  const worker = new RetentionWorker(new Clock(new Date(performance.timeOrigin + daysFromNow * DAY_MS)));
  await app.db.transaction(await worker.run());
};
const left = async (): Promise<string[]> => {
  const counted = await Promise.all(
    tables.map(async (table) => {
      const { count } = await app.db.kysely
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count) > 0 ? [table] : [];
    }),
  );
  return counted.flat();
};

describe('retention', () => {
  it('keeps signals and timelines for 90 days, ideas and listings for 13 months', async () => {
    const { signal, scored, published } = walk();
    await app.emit('signals.ingested', signal);
    await app.emit('ideas.scored', scored);
    await app.emit('listings.published', published);
    await app.settled();
    await runAt(89);
    expect(await left()).toEqual([...tables]);
    await runAt(91);
    expect(await left()).toEqual(['ideas', 'listings']);
    await runAt(397);
    expect(await left()).toEqual([]);
  });
});
