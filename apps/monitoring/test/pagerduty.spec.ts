import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@signalpress/persistence/testing';
import { startPagerDutyStub, waitFor } from '@signalpress/testing';
import type { PagerDutyStub } from '@signalpress/testing';
import { sql } from '@signalpress/persistence';
import { PagerDutyClient } from '../src/pagerduty/pagerduty.client.js';
import { bad, found, good, routingKey, startIncidents, withPagerDuty } from './incidents-app.js';
import type { IncidentsApp } from './incidents-app.js';

let stub: PagerDutyStub;
let app: IncidentsApp;
const dedupKey = 'signalpress/publish-latency';

const start = async (environment: Record<string, string> = {}, databaseUrl?: string): Promise<void> => {
  app = await startIncidents({ ...withPagerDuty(stub.url), ...environment }, databaseUrl);
};
beforeEach(async () => {
  stub = await startPagerDutyStub();
});
afterEach(async () => {
  await app.close();
  await stub.close();
});

const actions = () => stub.accepted().map(({ action }) => action);
const only = async () => app.details((await app.page()).items[0]!.id);
const told = async (state: string, count = 1) =>
  waitFor(
    async () => {
      const { notifications } = await only();
      return notifications.filter((one) => one.state === state).length >= count && notifications;
    },
    { timeoutMs: 45_000, message: `${count} ${state}` },
  );
const attempts = (least: number) =>
  waitFor(async () => ((await only()).notifications[0]?.attempts ?? 0) >= least, {
    timeoutMs: 45_000,
    message: `${least} attempts`,
  });

describe('a page', () => {
  it('goes trigger, acknowledge, resolve under one key, with severity, numbers and links, and without the routing key elsewhere', async () => {
    await start();
    await app.check(0, bad);
    await stub.waitFor(1);
    const { id } = await only();
    await app.send('POST', `/incidents/${id}/acknowledge`, { who: 'ada' });
    await stub.waitFor(2);
    await app.check(1, good);
    await app.check(2, good);
    await stub.waitFor(3);
    expect(actions()).toEqual(['trigger', 'acknowledge', 'resolve']);
    expect(new Set(stub.accepted().map((event) => event.dedupKey))).toEqual(new Set([dedupKey]));
    expect(stub.alerts()).toEqual([{ dedupKey, state: 'resolved' }]);
    expect(stub.accepted()[0]!.body).toMatchObject({
      routing_key: routingKey,
      payload: {
        severity: 'critical',
        summary: bad.verdicts[0]!.summary,
        class: 'publish-latency',
        custom_details: { incident_id: id, mean: 3.4 },
      },
      links: [
        { href: 'https://docs.example.com/runbooks/publish-latency.md', text: 'Runbook' },
        { href: 'https://grafana.example.com/d/signalpress-latency', text: 'Dashboard' },
      ],
    });
    await told('delivered', 3);
    const { rows } = await sql<{ leak: boolean }>`
      select exists (select from incident_notifications where body::text like ${`%${routingKey}%`})
        or exists (select from jobs where payload::text like ${`%${routingKey}%`})
        or exists (select from events.log where envelope::text like ${`%${routingKey}%`}) as leak`.execute(
      app.db.kysely,
    );
    expect(rows[0]?.leak).toBe(false);
  });

  it('comes once while a condition flaps, again only when it stays broken', async () => {
    await start();
    for (const [minute, result] of [
      [0, bad],
      [1, good],
      [2, good],
      [3, bad],
      [4, good],
      [5, good],
      [6, bad],
    ] as const) {
      await app.check(minute, result);
    }
    await stub.waitFor(2);
    await told('delivered', 2);
    expect(actions()).toEqual(['trigger', 'resolve']);
    await app.check(62, bad);
    await stub.waitFor(3);
    expect(actions()).toEqual(['trigger', 'resolve', 'trigger']);
    expect((await app.page()).items).toHaveLength(1);
  });

  it('is not needed: without PagerDuty incidents are the same', async () => {
    app = await startIncidents();
    await app.check(0, bad);
    expect((await only()).state).toBe('open');
    expect((await only()).notifications).toEqual([]);
    await app.check(1, good);
    await app.check(2, good);
    expect((await only()).state).toBe('resolved');
    expect(stub.requests()).toBe(0);
  });
});

describe('while PagerDuty is down', () => {
  it.each([{ status: 500 }, { status: 503 }, { status: 429, retryAfter: '0' }, 'disconnect', 'hang'] as const)(
    'nothing is lost, and all comes in order: %j',
    async (behaviour) => {
      stub.behave(behaviour);
      await start({ PAGERDUTY_TIMEOUT_SECONDS: '0.2' });
      await app.check(0, bad);
      await attempts(3);
      // Longer than a handful of attempts, across the end of the incident and the beginning of the next.
      await app.check(1, good);
      await app.check(2, good);
      await app.check(90, bad);
      const before = stub.requests();
      await waitFor(() => stub.requests() > before + 4, { timeoutMs: 45_000, message: 'more attempts' });
      expect(stub.accepted()).toEqual([]);
      stub.behave('accept');
      await stub.waitFor(3);
      expect(actions()).toEqual(['trigger', 'resolve', 'trigger']);
      expect(stub.alerts().map(({ state }) => state)).toEqual(['resolved', 'triggered']);
    },
  );

  it('waits as long as a 429 asks', async () => {
    stub.behave({ status: 429, retryAfter: '2' }, 'accept');
    await start();
    const startedAt = Date.now();
    await app.check(0, bad);
    const [event] = await stub.waitFor(1);
    expect(event!.at - startedAt).toBeGreaterThanOrEqual(1_950);
    expect(stub.requests()).toBe(2);
  });

  it('goes on after a restart', async () => {
    const database = await createTestDatabase();
    try {
      stub.behave({ status: 500 });
      await start({}, database.url);
      await app.check(0, bad);
      await attempts(1);
      await app.close();
      stub.behave('accept');
      await start({}, database.url);
      await stub.waitFor(1);
      await told('delivered');
      expect(actions()).toEqual(['trigger']);
      await app.close();
    } finally {
      await database.close();
      await start();
    }
  });

  it('gives up at the deadline, says so, and does not resolve what never arrived', async () => {
    stub.behave({ status: 500 });
    await start();
    await app.check(0, bad);
    await attempts(1);
    await sql`update incident_notifications set deadline = now() - interval '1 second'`.execute(app.db.kysely);
    await told('expired');
    stub.behave('accept');
    await app.check(1, good);
    await app.check(2, good);
    await told('skipped');
    expect(stub.accepted()).toEqual([]);
  });
});

describe('a refusal', () => {
  it('is not tried again, stands in the incident, and nothing follows it', async () => {
    stub.behave({ status: 400 });
    await start();
    await app.check(0, bad);
    const [notification] = await told('rejected');
    expect(notification).toMatchObject({ action: 'trigger', attempts: 1, lastError: expect.stringContaining('400') });
    stub.behave('accept');
    await app.check(1, good);
    await app.check(2, good);
    await told('skipped');
    expect(stub.requests()).toBe(1);
    const text = await (await fetch(`${app.url}/metrics`)).text();
    expect(text).toMatch(/signalpress_incident_notifications_total\{outcome="rejected"\} 1/);
    expect(text).toMatch(/errors_reported_total\{kind="job"\} 1/);
  });
});

describe('a run that is cut off between the page and the commit', () => {
  it('pages again under the same key, so that PagerDuty has one', async () => {
    stub.behave('lose', 'lose', 'accept');
    await start();
    await app.check(0, bad);
    await stub.waitFor(3);
    await told('delivered');
    expect(actions()).toEqual(['trigger', 'trigger', 'trigger']);
    expect(stub.alerts()).toEqual([{ dedupKey, state: 'triggered' }]);
  });

  it('also when the process dies: the job runs twice', async () => {
    await start();
    const client = app.app.get(PagerDutyClient, { strict: false });
    const send = client.send.bind(client);
    let killed = false;
    client.send = async (event, signal) => {
      const answer = await send(event, signal);
      if (killed) return answer;
      killed = true;
      // What a killed process leaves behind: a lease that another takes over.
      await sql`update jobs set lease_until = now(), lease_token = lease_token + 1 where name = 'notify-pagerduty'`.execute(
        app.db.kysely,
      );
      return answer;
    };
    await app.check(0, bad);
    await stub.waitFor(2);
    await told('delivered');
    expect(stub.alerts()).toEqual([{ dedupKey, state: 'triggered' }]);
    await app.check(1, good);
    await app.check(2, good);
    await stub.waitFor(3);
    expect(actions()).toEqual(['trigger', 'trigger', 'resolve']);
  });
});

describe('limits', () => {
  it('a hostile finding still makes an event that PagerDuty takes', async () => {
    await start();
    const figures = { text: 'x'.repeat(600_000), mail: 'ada@example.com' };
    await app.check(0, found('queue-backlog', { subject: 'group'.repeat(100), summary: 'é'.repeat(1_024), figures }));
    const [event] = await stub.waitFor(1);
    expect(event!.dedupKey.length).toBeLessThanOrEqual(255);
    expect(stub.refused()).toEqual([]);
  });
});
