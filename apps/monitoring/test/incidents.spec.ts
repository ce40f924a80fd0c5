import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@signalpress/persistence';
import { waitFor } from '@signalpress/testing';
import { bad, found, good, minutes, startIncidents } from './incidents-app.js';
import type { IncidentsApp } from './incidents-app.js';

let app: IncidentsApp;
beforeEach(async () => {
  app = await startIncidents();
});
afterEach(() => app.close());

const only = async () => {
  const { items } = await app.page();
  expect(items).toHaveLength(1);
  return items[0]!;
};
const changes = async () => (await app.details((await only()).id)).history.map(({ change }) => change);

describe('an incident', () => {
  it('opens once, keeps to the newest numbers, and is over after two good checks in a row', async () => {
    await app.check(0, bad);
    await app.check(1, found('publish-latency', { summary: 'It takes 4 h; 2 h are agreed on.' }));
    expect(await only()).toMatchObject({
      state: 'open',
      severity: 'critical',
      dedupKey: 'signalpress/publish-latency',
      summary: 'It takes 4 h; 2 h are agreed on.',
      openedAt: minutes(0).toISOString(),
    });
    await app.check(2, good);
    await app.check(3, bad);
    await app.check(4, good);
    expect((await only()).state).toBe('open');
    await app.check(5, good);
    const over = await only();
    expect(over).toMatchObject({ state: 'resolved', resolvedAt: minutes(5).toISOString(), openings: 1 });
    expect(over.resolution).toBe('It takes 1.2 h; 2 h are agreed on.');
    expect(await changes()).toEqual(['opened', 'resolved']);

    const opened = await app.events('alerts.opened');
    const resolved = await app.events('alerts.resolved');
    expect(opened.map(({ data }) => data.incidentId)).toEqual([over.id]);
    expect(resolved.map(({ data }) => data)).toEqual([
      expect.objectContaining({ incidentId: over.id, resolvedAt: minutes(5).toISOString() }),
    ]);
  });

  it('is the same while a condition flaps within the cooldown, and is told once', async () => {
    for (let minute = 0; minute < 40; minute += 4) {
      await app.check(minute, bad);
      await app.check(minute + 1, bad);
      await app.check(minute + 2, good);
      await app.check(minute + 3, good);
    }
    expect(await only()).toMatchObject({ state: 'resolved', openings: 10 });
    expect(await app.events('alerts.opened')).toHaveLength(1);
    expect(await app.events('alerts.resolved')).toHaveLength(1);
  });

  it('is told again when it stays broken past the cooldown', async () => {
    for (const [minute, result] of [
      [0, bad],
      [1, good],
      [2, good],
      [3, bad],
      [61, bad],
    ] as const)
      await app.check(minute, result);
    expect(await only()).toMatchObject({ state: 'open', announced: false, reopenedAt: minutes(3).toISOString() });
    await app.check(62, bad);
    await app.check(63, bad);
    expect(await only()).toMatchObject({ announced: true });
    expect(await app.events('alerts.opened')).toHaveLength(2);
    expect(await changes()).toEqual(['opened', 'resolved', 'reopened', 'announced']);
  });

  it('is another one when the cooldown is over', async () => {
    for (const [minute, result] of [
      [0, bad],
      [1, good],
      [2, good],
      [62, bad],
    ] as const)
      await app.check(minute, result);
    const { items } = await app.page();
    expect(items.map(({ state }) => state)).toEqual(['open', 'resolved']);
  });

  it('stays as it is when nobody could look, and ends when its subject is gone', async () => {
    await app.check(0, found('queue-backlog', { subject: 'orchestrator' }));
    for (const minute of [1, 2, 3]) await app.check(minute, good);
    expect((await only()).state).toBe('open');
    const gone = { condition: 'queue-backlog', verdicts: [], otherwise: 'Few events wait.' } as const;
    await app.check(4, gone);
    await app.check(5, gone);
    expect(await only()).toMatchObject({ state: 'resolved', resolution: 'Few events wait.', subject: 'orchestrator' });
  });

  it('is one, though two instances conclude at the same time', async () => {
    await Promise.all([0, 0, 0, 0].map((minute) => app.check(minute, bad)));
    expect((await only()).openings).toBe(1);
    expect(await app.events('alerts.opened')).toHaveLength(1);
  });

  it('leaves nothing when its transaction is lost', async () => {
    const { app: nest, db } = app;
    const { IncidentKeeper } = await import('../src/incidents/incident.keeper.js');
    const lost = db.transaction(async (tx) => {
      await nest.get(IncidentKeeper, { strict: false }).conclude(tx, [bad], minutes(0));
      throw new Error('killed');
    });
    await expect(lost).rejects.toThrow('killed');
    expect((await app.page()).items).toEqual([]);
    expect(await app.events('alerts.opened')).toEqual([]);
  });
});

describe('POST /incidents/:id/acknowledge', () => {
  it('says who, lets another take over, and refuses what is resolved', async () => {
    await app.check(0, bad);
    const { id } = await only();
    const path = `/incidents/${id}/acknowledge`;
    const first = await app.send('POST', path, { who: 'ada', note: 'looking' });
    expect(first).toMatchObject({
      status: 200,
      body: { state: 'acknowledged', acknowledgedBy: 'ada', note: 'looking' },
    });
    await app.send('POST', path, { who: 'ada', note: 'looking' });
    await app.send('POST', path, { who: 'grace' });
    expect(await changes()).toEqual(['opened', 'acknowledged', 'acknowledged']);
    await app.check(1, bad);
    expect(await only()).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'grace', note: null });

    await app.check(2, good);
    await app.check(3, good);
    expect(await app.send('POST', path, { who: 'ada' })).toMatchObject({
      status: 409,
      body: { type: 'urn:signalpress:problem:incident-resolved' },
    });
  });

  it('answers bad input with problem details', async () => {
    const id = randomUUID();
    expect((await app.send('POST', `/incidents/${id}/acknowledge`, { who: 'ada' })).status).toBe(404);
    expect((await app.send('POST', `/incidents/${id}/acknowledge`, { who: ' ' })).status).toBe(400);
    expect((await app.send('POST', `/incidents/${id}/acknowledge`, { who: 'a\u0000' })).status).toBe(400);
    expect((await app.send('POST', '/incidents/1/acknowledge', { who: 'ada' })).status).toBe(400);
    expect((await app.send('GET', '/incidents/1')).status).toBe(400);
    expect((await app.send('GET', `/incidents/${id}`)).status).toBe(404);
    for (const query of ['state=broken', 'limit=0', 'limit=201', 'windowHours=0', 'cursor=e30', 'cursor=%00'])
      expect([query, (await app.send('GET', `/incidents?${query}`)).status]).toEqual([query, 400]);
  });
});

describe('GET /incidents', () => {
  it('pages newest first, by state and window; the view and the gauge agree', async () => {
    const groups = ['a', 'b', 'c', 'd', 'e'];
    for (const [minute, subject] of groups.entries()) {
      await app.check(minute, {
        ...found('queue-backlog', { subject }),
        verdicts: groups.slice(0, minute + 1).map((name) => ({ ...bad.verdicts[0]!, subject: name })),
      });
    }
    const seen: (string | null)[] = [];
    let query = '?limit=2';
    for (let page = 0; page < 4; page += 1) {
      const { items, nextCursor } = await app.page(query);
      seen.push(...items.map(({ subject }) => subject));
      if (nextCursor === null) break;
      query = `?limit=2&cursor=${nextCursor}`;
    }
    expect(seen).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect((await app.page('?state=resolved')).items).toEqual([]);
    const { rows } = await sql<{
      time: Date;
      subject: string;
    }>`select time, subject from open_incidents order by time`.execute(app.db.kysely);
    expect(rows.map(({ subject }) => subject)).toEqual(groups);
    const text = await (await fetch(`${app.url}/metrics`)).text();
    expect(text).toMatch(/signalpress_incidents\{condition="queue-backlog",state="open"\} 5/);
    expect(text).toMatch(/signalpress_incidents\{condition="stuck-ideas",state="open"\} 0/);
  });
});

describe('the checks', () => {
  it('run by themselves, find what is broken in the tables, and see it mended', async () => {
    await app.close();
    app = await startIncidents({
      CHECK_SECONDS: '1',
      SLA_THRESHOLD_HOURS: '0.001',
      SLA_MINIMUM_SAMPLES: '2',
      SLA_WINDOW_HOURS: '1',
      QUEUE_BACKLOG_LIMIT: '10',
      QUEUE_BACKLOG_SECONDS: '60',
    });
    const now = minutes(0);
    const listingSync = (second: number, kinds: string[]) =>
      sql`insert into listing_syncs (time, marketplace, idea_id, listing_id, drifts, kinds) values
        (${new Date(now.getTime() + second * 1_000)}, 'storefront', ${randomUUID()}, '7', ${kinds.length}, ${kinds})`.execute(
        app.db.kysely,
      );
    for (const seconds of [100, 200]) {
      await sql`insert into publish_latency (time, idea_id, source, marketplace, latency_seconds, held_seconds, within_sla)
        values (${now}, ${randomUUID()}, 'spec', 'storefront', ${seconds}, 0, false)`.execute(app.db.kysely);
    }
    for (const [second, length] of [
      [-90, 5],
      [-70, 50],
      [-30, 60],
      [-1, 70],
    ] as const) {
      await sql`insert into queue_lengths (time, topic, consumer_group, length) values
        (${new Date(now.getTime() + second * 1_000)}, 'ideas.scored', 'orchestrator', ${length}),
        (${new Date(now.getTime() + second * 1_000)}, 'ideas.scored', 'idle', 3)`.execute(app.db.kysely);
    }
    await listingSync(-5, ['price', 'removed']);
    await waitFor(async () => (await app.page('?state=open')).items.length === 3, {
      timeoutMs: 45_000,
      message: 'three incidents',
    });
    const { items } = await app.page('?state=open');
    const summaries = Object.fromEntries(items.map(({ dedupKey, summary }) => [dedupKey, summary]));
    expect(summaries['signalpress/publish-latency']).toBe(
      'Mean publish latency is 2.5 min over the last 60 min; 3.6 s are agreed on (2 ideas, 0 of them in time).',
    );
    expect(summaries['signalpress/listing-sync']).toMatch(
      /^1 listing differs from what the marketplace shows \(1 price, 1 removed\)/,
    );
    expect(summaries['signalpress/queue-backlog/orchestrator']).toContain('70 of ideas.scored wait');

    // A repaired listing is told as one without differences.
    await listingSync(1, []);
    await sql`delete from publish_latency`.execute(app.db.kysely);
    await sql`insert into queue_lengths (time, topic, consumer_group, length)
      values (${new Date(now.getTime() + 1_000)}, 'ideas.scored', 'orchestrator', 0)`.execute(app.db.kysely);
    await waitFor(async () => (await app.page('?state=resolved')).items.length === 3, {
      timeoutMs: 45_000,
      message: 'all resolved',
    });
  });
});
