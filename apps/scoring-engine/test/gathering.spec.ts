import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@signalpress/persistence';
import { waitFor } from '@signalpress/testing';
import { ideaIdOf } from '../src/grouping/idea-id.js';
import { signalOf, startScoringApp } from './scoring-app.js';
import type { ScoringApp } from './scoring-app.js';

describe('the gather window', () => {
  let app: ScoringApp;

  beforeAll(async () => {
    app = await startScoringApp({ GATHER_QUIET_MS: '60000' });
  }, 60_000);

  afterAll(async () => await app.close(), 30_000);

  /** Milliseconds until the idea is scored, or undefined when nothing waits. */
  async function dueInMs(ideaId: string): Promise<number | undefined> {
    const { rows } = await sql<{ due: number }>`
      select (extract(epoch from run_at - clock_timestamp()) * 1000)::double precision as due
      from jobs where name = 'score-idea' and key = ${ideaId} and state = 'pending'`.execute(app.db.kysely);
    return rows[0]?.due;
  }

  it('starts anew with each signal that joins, and ends after ten times the quiet time in any case', async () => {
    const first = signalOf('Gardeners race snails along a chalk spiral');
    const ideaId = ideaIdOf(first.signalId);
    await app.emit('signals.ingested', first);
    const due = await waitFor(() => dueInMs(ideaId));
    expect(due).toBeGreaterThan(30_000);
    expect(due).toBeLessThanOrEqual(60_000);
    expect(await app.scored()).toEqual([]);

    // As if signals had been joining for nine and a half minutes: half a minute is left.
    const begunAgo = (minutes: number) =>
      app.db.kysely
        .updateTable('ideas')
        .set({ gathering_since: sql<Date>`clock_timestamp() - make_interval(secs => ${minutes * 60})` })
        .where('id', '=', ideaId)
        .execute();
    await begunAgo(9.5);
    await app.emit('signals.ingested', signalOf(first.title));
    await waitFor(async () => ((await dueInMs(ideaId)) ?? Infinity) <= 30_000, { message: 'a shorter wait' });

    await begunAgo(10);
    const last = signalOf(first.title);
    await app.emit('signals.ingested', last);
    const { data } = await app.scoredWith(last.signalId);
    expect(data).toMatchObject({ ideaId, revision: 1, foundingSignalId: first.signalId });
    expect(data.signalIds).toHaveLength(3);
    expect(await dueInMs(ideaId)).toBeUndefined();
  });
});
