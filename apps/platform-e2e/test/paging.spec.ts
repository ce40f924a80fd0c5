import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPagerDutyStub, waitFor } from '@signalpress/testing';
import type { AcceptedPagerDutyEvent, PagerDutyStub } from '@signalpress/testing';
import type { Client } from 'pg';
import { Alertmanager, isAlertmanagerInstalled, Tickets } from './alertmanager.js';
import { connectTo } from './database.js';
import { feedOf } from './feed.js';
import { makeFolder, prometheusIsRequired, Start, urlOf } from './platform.js';
import { freePort, isPrometheusInstalled, Prometheus } from './prometheus.js';
import { pidOf, ServiceInstance } from './service-instance.js';

const portOffset = 16_000;
const gateway = urlOf('api-gateway', portOffset);
const ingestion = urlOf('signal-ingestion', portOffset);
const runbooks = 'http://runbooks.example/signalpress';

/** The monitoring service and Alertmanager page under a key each, so that a page says who sent it. */
const keyOfMonitoring = 'm'.repeat(32);
const keyOfAlertmanager = 'a'.repeat(32);
const metricsToken = 'drill-metrics-token';

/** Agreed on in this run: 36 s, which a busy machine keeps too, over a window of 54 s. */
const agreement = { SLA_THRESHOLD_HOURS: '0.01', SLA_WINDOW_HOURS: '0.015', SLA_MINIMUM_SAMPLES: '1' };

/** True on a machine that is too busy for them, whatever the drill does; so they are none of its findings. */
const ofTheMachine = /^(GatewayLatencyBurns|EventLoopLag)/;

const run = (isPrometheusInstalled() && isAlertmanagerInstalled()) || prometheusIsRequired;
const title = 'who is paged, with a real Prometheus and a real Alertmanager';
if (!run) {
  const missing =
    'left out, prometheus or prometheus-alertmanager is not on this machine (Debian: packages of that name)';
  describe.skip(`${title}: ${missing}`, () => {
    it('pages once', () => undefined);
  });
}

interface Incident {
  readonly id: string;
  readonly condition: string;
  readonly state: string;
  readonly openings: number;
  readonly links: { readonly runbook?: string };
  /** With the details of one alone. */
  readonly notifications: { readonly state: string }[];
}

(run ? describe : describe.skip)(title, () => {
  let dataDirectory: string;
  let pagerDuty: PagerDutyStub;
  let tickets: Tickets;
  let prometheus: Prometheus;
  let start: Start;
  let database: Client;
  let victim: ServiceInstance;
  let adminKey: string;
  let killedAt: number;
  /** What has been started is stopped, also when the next thing could not be. */
  const undo: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    dataDirectory = makeFolder();
    pagerDuty = await startPagerDutyStub();
    undo.push(() => pagerDuty.close());
    tickets = await Tickets.start();
    undo.push(() => tickets.close());
    const alertmanager = await Alertmanager.start(path.join(dataDirectory, 'alertmanager'), {
      pagerDutyUrl: pagerDuty.url,
      pagerDutyKey: keyOfAlertmanager,
      ticketsUrl: tickets.url,
    });
    undo.push(() => alertmanager.stop());
    start = await startPlatform();
    undo.push(() => start.interrupt());
    adminKey = /sp_admin_[\w-]+/.exec(start.stdout)?.[0] ?? '';
    database = await connectTo(dataDirectory);
    undo.push(() => database.end());
    victim = new ServiceInstance('feedback-loop', start, await freePort());
    undo.push(() => victim.kill());
    await victim.start();
    const metricsTokenFile = path.join(dataDirectory, 'metrics-token');
    writeFileSync(metricsTokenFile, metricsToken, { mode: 0o600 });
    prometheus = await Prometheus.start(path.join(dataDirectory, 'prometheus'), portOffset, {
      alertmanager: alertmanager.address,
      runbookBase: runbooks,
      metricsTokenFile,
      targets: {
        'feedback-loop': [new URL(urlOf('feedback-loop', portOffset)).host, `127.0.0.1:${victim.port}`],
      },
    });
    undo.push(() => prometheus.stop());
  });

  afterAll(async () => {
    for (const stop of undo.reverse()) await stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  const startPlatform = async (): Promise<Start> => {
    const file = path.join(dataDirectory, 'nothing.json');
    writeFileSync(file, feedOf([]));
    const started = new Start(['--data-dir', dataDirectory, '--port-offset', String(portOffset), '--feed', file], {
      ...agreement,
      METRICS_TOKEN: metricsToken,
      SLA_ALERT_COOLDOWN_MINUTES: '5',
      CHECK_SECONDS: '1',
      SAMPLE_SECONDS: '1',
      ENABLE_PAGERDUTY: 'true',
      PAGERDUTY_ROUTING_KEY: keyOfMonitoring,
      PAGERDUTY_EVENTS_URL: pagerDuty.url,
      RUNBOOK_BASE_URL: runbooks,
      DASHBOARD_BASE_URL: 'http://grafana.example',
    });
    await waitFor(() => started.stdout.includes('Ctrl-C stops everything') || started.child.exitCode !== null, {
      timeoutMs: 240_000,
      message: () => started.stderr,
    });
    if (started.child.exitCode !== null) throw new Error(`the platform did not start: ${started.stderr.slice(-4_000)}`);
    return started;
  };

  const ask = async <T>(route: string): Promise<T> => {
    const response = await fetch(`${gateway}${route}`, { headers: { authorization: `Bearer ${adminKey}` } });
    expect({ route, status: response.status }).toEqual({ route, status: 200 });
    return (await response.json()) as T;
  };

  const takeIn = async (titles: readonly string[]): Promise<void> => {
    const response = await fetch(`${ingestion}/ingestions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ source: 'feed:drill', document: feedOf(titles) }),
    });
    expect({ status: response.status, read: await response.json() }).toMatchObject({ status: 201 });
  };

  const listed = async (count: number): Promise<unknown> =>
    waitFor(async () => (await ask<{ items: unknown[] }>('/ideas?state=listed')).items.length === count, {
      timeoutMs: 180_000,
      intervalMs: 500,
      message: `${count} listed ideas`,
    });

  const alerts = async (state: 'pending' | 'firing'): Promise<string[]> => {
    const series = await prometheus.query(`ALERTS{alertstate="${state}"}`, new Date());
    return series.map(({ metric }) => `${metric['alertname']} ${metric['service']}`).filter(isFinding);
  };

  const isFinding = (alert: string): boolean => !ofTheMachine.test(alert);

  /** All pages but those that the machine itself earns. */
  const pages = (): AcceptedPagerDutyEvent[] => {
    const accepted = pagerDuty.accepted();
    const earned = accepted.filter(
      ({ body }) => !isFinding(String((body['payload'] as { class?: string } | undefined)?.class)),
    );
    return accepted.filter(({ dedupKey }) => !earned.some((event) => event.dedupKey === dedupKey));
  };

  it('nobody, while all goes well', async () => {
    let targets: string[] = [];
    await waitFor(
      async () => {
        targets = await prometheus.targets();
        return targets.length === 9 && targets.every((target) => target.endsWith(' up'));
      },
      { timeoutMs: 120_000, intervalMs: 200, message: () => `nine targets that answer: ${targets.join(', ')}` },
    );
    await takeIn(['Otters sort pebbles by colour on a quiet beach']);
    await listed(1);
    // Monitoring learns of it by an event of its own.
    const known = async (): Promise<boolean> => (await ask<{ ideas: number }>('/sla')).ideas === 1;
    await waitFor(known, { timeoutMs: 60_000, intervalMs: 200, message: 'monitoring to know of the listing' });
    expect(await ask('/sla')).toMatchObject({ verdict: 'inside', ideas: 1 });
    expect(await alerts('firing')).toEqual([]);
    expect([pages(), tickets.alerts.filter(isFinding)]).toEqual([[], []]);
  });

  it('by the monitoring service, once a condition, while the publisher stands still', async () => {
    // The fault of the next test: its page is due in two minutes.
    await victim.kill();
    killedAt = Date.now();

    const publisher = pidOf('marketplace-publisher', start);
    process.kill(publisher, 'SIGSTOP');
    const stoppedAt = Date.now();
    try {
      await takeIn(['Bakers paint comets on rye bread for a festival', 'Foxes weave lanterns from river grass']);
      const [page] = await pagerDuty.waitFor(1, { dedupKey: 'signalpress/stuck-ideas', timeoutMs: 90_000 });
      say('the publisher stands still', stoppedAt, page);
      expect(page?.body).toMatchObject({
        routing_key: keyOfMonitoring,
        payload: { severity: 'critical', summary: expect.stringMatching(/^2 ideas have waited longer than 36 s/) },
        links: expect.arrayContaining([{ href: `${runbooks}/stuck-ideas.md`, text: 'Runbook' }]),
      });
      expect(await ask('/incidents?state=open')).toMatchObject({ items: [{ condition: 'stuck-ideas' }] });
      // Until only what stands still now will count in the mean.
      await waitFor(async () => (await ask<{ ideas: number }>('/sla')).ideas === 0, { timeoutMs: 90_000 });
      expect(await alerts('pending')).toContain('ServiceDown marketplace-publisher');
    } finally {
      process.kill(publisher, 'SIGCONT');
    }
    await listed(3);
    for (const dedupKey of ['signalpress/stuck-ideas', 'signalpress/publish-latency'])
      await pagerDuty.waitFor(2, { dedupKey, timeoutMs: 240_000 });

    const { items } = await ask<{ items: Incident[] }>('/incidents');
    expect(
      items.map(({ condition, state, openings, links }) => [condition, state, openings, links.runbook]).sort(),
    ).toEqual(
      ['publish-latency', 'stuck-ideas'].map((condition) => [condition, 'resolved', 1, `${runbooks}/${condition}.md`]),
    );
    for (const { id } of items) {
      // PagerDuty has it a moment before that is written down.
      const route = `/incidents/${id}`;
      const isTold = async () => (await ask<Incident>(route)).notifications.every(({ state }) => state === 'delivered');
      await waitFor(isTold, { timeoutMs: 60_000 });
      expect(await ask(route)).toMatchObject({
        history: [{ change: 'opened' }, { change: 'resolved' }],
        notifications: [
          { action: 'trigger', state: 'delivered', attempts: 1 },
          { action: 'resolve', state: 'delivered', attempts: 1 },
        ],
      });
    }
    const rows = await database.query('SELECT condition, state, paged FROM monitoring.incidents ORDER BY condition');
    expect(rows.rows).toEqual([
      { condition: 'publish-latency', state: 'resolved', paged: true },
      { condition: 'stuck-ideas', state: 'resolved', paged: true },
    ]);
    const events = await database.query(
      `SELECT type, envelope->'data'->>'condition' AS condition FROM events.log WHERE type LIKE 'alerts.%' ORDER BY 1, 2`,
    );
    expect(events.rows).toEqual(
      ['alerts.opened', 'alerts.resolved'].flatMap((type) =>
        ['publish-latency', 'stuck-ideas'].map((condition) => ({ type, condition })),
      ),
    );
  }, 900_000);

  it('by Alertmanager, once, when a process was killed', async () => {
    const byAlertmanager = (): AcceptedPagerDutyEvent[] =>
      pages().filter(({ body, action }) => body['routing_key'] === keyOfAlertmanager && action === 'trigger');
    const page = await waitFor(() => byAlertmanager()[0], { timeoutMs: 300_000 });
    say('a process was killed', killedAt, page);
    expect(page.body).toMatchObject({
      event_action: 'trigger',
      payload: {
        class: 'ServiceDown',
        component: 'feedback-loop',
        severity: 'critical',
        summary: expect.stringContaining(`127.0.0.1:${victim.port} has not answered`),
      },
      links: expect.arrayContaining([{ href: `${runbooks}/ServiceDown.md`, text: 'Runbook' }]),
    });
    await victim.start();
    const resolved = await pagerDuty.waitFor(2, { dedupKey: page.dedupKey, timeoutMs: 120_000 });
    expect(resolved.map(({ action }) => action)).toEqual(['trigger', 'resolve']);
  }, 600_000);

  it('and by nobody else: one call for each condition, and all of them over', async () => {
    // Long enough for whatever would be repeated.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const told = pages().map(({ action, dedupKey, body }) => {
      const who = body['routing_key'] === keyOfAlertmanager ? 'Alertmanager' : dedupKey;
      return `${who} ${action}`;
    });
    expect([...told].sort()).toEqual([
      'Alertmanager resolve',
      'Alertmanager trigger',
      'signalpress/publish-latency resolve',
      'signalpress/publish-latency trigger',
      'signalpress/stuck-ideas resolve',
      'signalpress/stuck-ideas trigger',
    ]);
    const keys = new Set(pages().map(({ dedupKey }) => dedupKey));
    const states = pagerDuty.alerts().filter(({ dedupKey }) => keys.has(dedupKey));
    expect(states.map(({ state }) => state)).toEqual(['resolved', 'resolved', 'resolved']);
    // Nothing was sent twice or refused, and no ticket was made.
    expect(pagerDuty.requests()).toBe(pagerDuty.accepted().length);
    expect([pagerDuty.refused(), tickets.alerts.filter(isFinding)]).toEqual([[], []]);
    expect(await alerts('firing')).toEqual([]);
  });
});

function say(fault: string, at: number, page: AcceptedPagerDutyEvent | undefined): void {
  const seconds = (((page?.at ?? NaN) - at) / 1_000).toFixed(1);
  process.stdout.write(`from fault to page: ${seconds} s (${fault})\n`);
}
