import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPagerDutyStub, waitFor } from '@signalpress/testing';
import type { PagerDutyStub } from '@signalpress/testing';
import { Alertmanager, isAlertmanagerInstalled, Tickets } from './alertmanager.js';
import type { Labels } from './alertmanager.js';
import { makeFolder, prometheusIsRequired } from './platform.js';

const run = isAlertmanagerInstalled() || prometheusIsRequired;
if (!run) {
  process.stderr.write(
    'Left out: routes and inhibitions. There is no alertmanager here (Debian: apt-get install prometheus-alertmanager).\n',
  );
}

const alert = (text: string): Labels => {
  const [alertname = '', service = '', severity = ''] = text.split(' ');
  return { alertname, service, severity };
};

const nameOf = (text: string): string => text.split(' ').slice(0, 2).join(' ');

(run ? describe : describe.skip)('a real Alertmanager with the configuration of docker/alertmanager', () => {
  let folder: string;
  let pagerDuty: PagerDutyStub;
  let tickets: Tickets;
  let alertmanager: Alertmanager;

  beforeAll(async () => {
    folder = makeFolder();
    pagerDuty = await startPagerDutyStub();
    tickets = await Tickets.start();
    alertmanager = await Alertmanager.start(folder, {
      pagerDutyUrl: pagerDuty.url,
      pagerDutyKey: 'a'.repeat(32),
      ticketsUrl: tickets.url,
    });
  });

  afterAll(async () => {
    await alertmanager.stop();
    await tickets.close();
    await pagerDuty.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('pages what is critical, makes tickets of the rest, one for each service', async () => {
    await alertmanager.tell(
      [
        'OutboxStuck orchestrator critical',
        'DeadLettersWaiting scoring-engine warning',
        'EventLoopLag scoring-engine warning',
        'EventLoopLag feedback-loop warning',
      ].map(alert),
      60_000,
    );
    const [page] = await pagerDuty.waitFor(1, { timeoutMs: 30_000 });
    expect(page?.body).toMatchObject({
      event_action: 'trigger',
      payload: {
        severity: 'critical',
        class: 'OutboxStuck',
        component: 'orchestrator',
        summary: 'OutboxStuck (orchestrator): Said by a test',
      },
      links: [{ href: 'http://runbooks.example/Test.md' }, { href: 'http://prometheus.example/graph' }],
    });
    await waitFor(() => tickets.deliveries.length === 2, { timeoutMs: 30_000 });
    expect(tickets.deliveries.toSorted()).toEqual([
      ['DeadLettersWaiting scoring-engine', 'EventLoopLag scoring-engine'],
      ['EventLoopLag feedback-loop'],
    ]);
    expect([pagerDuty.accepted().length, pagerDuty.refused()]).toEqual([1, []]);
  });

  it.each([
    ['ServiceDown orchestrator critical', 'OutboxStuck orchestrator critical', true],
    ['ServiceDown orchestrator critical', 'OutboxStuck signal-ingestion critical', false],
    ['ServiceDown orchestrator critical', 'ServiceDown scoring-engine critical', false],
    ['MonitoringAbsent monitoring critical', 'PublishLatencyAboveAgreement monitoring warning', true],
    ['MonitoringAbsent monitoring critical', 'DiskFull mockup-generation critical', false],
    ['ServiceDown orchestrator critical', 'GatewayAvailabilityBurnsSlow api-gateway warning', true],
    ['ServiceDown orchestrator critical', 'GatewayAvailabilityBurnsFast api-gateway critical', false],
    ['ServiceDown api-gateway critical', 'GatewayAvailabilityBurnsFast api-gateway critical', true],
    ['DiskFull mockup-generation critical', 'DiskFilling mockup-generation warning', true],
    ['GatewayAvailabilityBurnsFast api-gateway critical', 'GatewayAvailabilityBurnsSlow api-gateway warning', true],
    ['GatewayLatencyBurnsFast api-gateway critical', 'GatewayLatencyBurnsSlow api-gateway warning', true],
    ['EventHandlingBurnsFast pipeline critical', 'EventHandlingBurnsSlow pipeline warning', true],
    ['EventHandlingBurnsFast pipeline critical', 'GatewayLatencyBurnsSlow api-gateway warning', false],
  ])('%s, then %s: silent is %s', async (cause, symptom, isInhibited) => {
    const pair = [cause, symptom].map((text) => ({ ...alert(text), case: `${cause} ${symptom}` }));
    const standing = async (): Promise<string[]> =>
      (await alertmanager.standing())
        .filter(({ labels }) => labels['case'] === pair[0]?.case)
        .map(({ labels, isInhibited: silent }) => `${labels['alertname']} ${labels['service']} ${silent}`)
        .sort();
    const expected = [`${nameOf(cause)} false`, `${nameOf(symptom)} ${isInhibited}`].sort();
    await alertmanager.tell(pair, 300_000);
    try {
      // What stands is known a moment before what it silences.
      if (!isInhibited) await pause(1_000);
      let found: string[] = [];
      await waitFor(async () => (found = await standing()).join() === expected.join(), {
        timeoutMs: 10_000,
        message: () => `${expected.join(', ')}; there are ${found.join(', ')}`,
      });
    } finally {
      await alertmanager.tell(pair, 0);
      await waitFor(async () => (await standing()).length === 0, { timeoutMs: 30_000 });
    }
  });
});
