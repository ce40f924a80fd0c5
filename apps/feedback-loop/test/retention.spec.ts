import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventCatalog } from '@signalpress/contracts';
import { Clock } from '@signalpress/service-defaults';
import { RetentionWorker } from '../src/performance/performance.retention.js';
import { startFeedbackLoop } from './feedback-app.js';
import type { FeedbackApp } from './feedback-app.js';

let app: FeedbackApp;

beforeAll(async () => {
  app = await startFeedbackLoop();
});
afterAll(() => app.close());

const DAY_MS = 86_400_000;
const runAt = async (daysFromNow: number): Promise<void> => {
  const worker = new RetentionWorker(new Clock(new Date(performance.timeOrigin + daysFromNow * DAY_MS)));
  await app.db.transaction(await worker.run());
};
const scored = async (): Promise<string[]> => {
  const rows = await app.db.kysely.selectFrom('ideas').select('idea_id').execute();
  return rows.map(({ idea_id: ideaId }) => ideaId);
};

describe('retention', () => {
  it('forgets scores without a listing after 90 days, and listings 13 months after they were last observed', async () => {
    const [listed, unlisted] = [randomUUID(), randomUUID()];
    const now = new Date().toISOString();
    for (const ideaId of [listed, unlisted]) {
      await app.emit('ideas.scored', { ...eventCatalog['ideas.scored'].example, ideaId, asOf: now });
    }
    const published = eventCatalog['listings.published'].example;
    await app.emit('listings.published', { ...published, ideaId: listed, publishedAt: now });
    await app.emit('listings.withdrawn', { ...eventCatalog['listings.withdrawn'].example, ideaId: listed });
    await app.settled();
    await runAt(89);
    expect(await scored()).toHaveLength(2);
    await runAt(91);
    expect(await scored()).toEqual([listed]);
    expect(await app.get(`/performance/${listed}`)).toMatchObject({ status: 200 });
    await runAt(397);
    await runAt(397);
    expect(await scored()).toEqual([]);
    expect(await app.get(`/performance/${listed}`)).toMatchObject({ status: 404 });
    expect(await app.db.kysely.selectFrom('withdrawals').selectAll().execute()).toEqual([]);
  });
});
