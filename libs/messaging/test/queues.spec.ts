import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { waitFor } from '@signalpress/testing';
import { Queues } from '../src/index.js';
import { ideas, Observer, publish, startService, waitForEffects } from './test-service.js';
import type { TestService } from './test-service.js';

describe('Queues', () => {
  let database: TestDatabase;
  let writer: TestService;

  beforeEach(async () => {
    database = await createTestDatabase();
    writer = await startService({ databaseUrl: database.url, service: 'writer' });
  });
  afterEach(async () => {
    await writer.stop();
    await database.close();
  });

  it('tells what waits for a group that is away, by topic, and nothing once it has read', async () => {
    const queues = writer.app.get(Queues);
    const start = () => startService({ databaseUrl: database.url, service: 'reader', providers: [Observer] });
    const before = await start();
    await waitFor(async () => (await queues.lengths()).length > 0);
    await before.stop();
    await publish(
      writer,
      ideas(5).map((ideaId) => ({ ideaId, views: 1 })),
    );
    const waiting = await waitFor(async () => (await queues.lengths()).find(({ events }) => events === 5));
    expect(waiting).toMatchObject({ topic: 'listings.observed', group: 'reader' });
    expect(waiting.oldestAgeSeconds).toBeGreaterThanOrEqual(0);
    const again = await start();
    try {
      await waitForEffects(again.db, 5);
      expect(await queues.lengths()).toEqual([
        { topic: 'listings.observed', group: 'reader', events: 0, oldestAgeSeconds: null },
      ]);
    } finally {
      await again.stop();
    }
  });
});
