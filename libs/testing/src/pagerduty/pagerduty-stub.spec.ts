import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startPagerDutyStub } from './pagerduty-stub.js';
import type { PagerDutyStub } from './pagerduty-stub.js';

const routing_key = 'R'.repeat(32);
const payload = { summary: 'The disk is full', source: 'db-1', severity: 'critical' };
const trigger = { routing_key, event_action: 'trigger', dedup_key: 'disk', payload };

/** As Alertmanager 0.25 sends it. */
const fromAlertmanager = (event_action: string) => ({
  routing_key,
  dedup_key: 'a3f5'.repeat(16),
  event_action,
  payload: {
    summary: '[FIRING:1] ServiceDown (monitoring)',
    source: 'Alertmanager',
    severity: 'critical',
    class: 'ServiceDown',
    component: 'monitoring',
    group: 'signalpress',
    custom_details: {
      firing: 'Labels:\n - alertname = ServiceDown\n',
      num_firing: '1',
      num_resolved: '0',
      resolved: '',
    },
  },
  client: 'Alertmanager',
  client_url: 'http://localhost:19093/#/alerts?receiver=pages',
  images: [],
  links: [{ href: 'http://docs/runbooks/ServiceDown.md', text: 'Runbook' }],
});

describe('startPagerDutyStub', () => {
  let stub: PagerDutyStub;
  beforeEach(async () => {
    stub = await startPagerDutyStub();
  });
  afterEach(() => stub.close());

  const post = (body: unknown) =>
    fetch(stub.url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });

  it('takes what Alertmanager sends, and shows one alert for many triggers', async () => {
    for (const action of ['trigger', 'trigger', 'resolve']) {
      const response = await post(fromAlertmanager(action));
      expect([response.status, await response.json()]).toEqual([
        202,
        { status: 'success', message: 'Event processed', dedup_key: 'a3f5'.repeat(16) },
      ]);
    }
    expect(stub.accepted().map(({ action }) => action)).toEqual(['trigger', 'trigger', 'resolve']);
    expect(stub.alerts()).toEqual([{ dedupKey: 'a3f5'.repeat(16), state: 'resolved' }]);
  });

  it('gives a trigger a key that has none', async () => {
    const response = await post({ ...trigger, dedup_key: undefined });
    expect(await response.json()).toMatchObject({ dedup_key: stub.accepted()[0]!.dedupKey });
  });

  it.each<[string, unknown]>([
    ['no JSON', '{'],
    ['no object', []],
    ['a short routing key', { ...trigger, routing_key: 'R' }],
    ['another action', { ...trigger, event_action: 'open' }],
    ['a trigger without payload', { ...trigger, payload: undefined }],
    ['a long summary', { ...trigger, payload: { ...payload, summary: 'x'.repeat(1_025) } }],
    ['no source', { ...trigger, payload: { ...payload, source: undefined } }],
    ['another severity', { ...trigger, payload: { ...payload, severity: 'high' } }],
    ['a date that is none', { ...trigger, payload: { ...payload, timestamp: 'yesterday' } }],
    ['a long key', { ...trigger, dedup_key: 'x'.repeat(256) }],
    ['a resolve without key', { routing_key, event_action: 'resolve' }],
    ['a link that leads nowhere', { ...trigger, links: [{ text: 'Runbook' }] }],
    ['a member that is not known', { ...trigger, service: 'x' }],
    ['more than 512 kB', { ...trigger, payload: { ...payload, custom_details: { text: 'x'.repeat(512 * 1_024) } } }],
  ])('refuses %s', async (_name, body) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ status: 'invalid event', errors: expect.any(Array) });
    expect(stub.accepted()).toEqual([]);
    expect(stub.refused()).toHaveLength(1);
  });

  it('plays what it is told to, a request each, and then the last for ever', async () => {
    stub.behave({ status: 429, retryAfter: '7' }, 'disconnect', 'lose', { status: 500 });
    const busy = await post(trigger);
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '7']);
    await expect(post(trigger)).rejects.toThrow();
    await expect(post(trigger)).rejects.toThrow();
    expect(stub.accepted()).toHaveLength(1);
    expect([(await post(trigger)).status, (await post(trigger)).status]).toEqual([500, 500]);
    stub.behave('hang');
    await expect(fetch(stub.url, { method: 'POST', body: '{}', signal: AbortSignal.timeout(100) })).rejects.toThrow();
    stub.behave('accept');
    expect((await post(trigger)).status).toBe(202);
    expect(stub.requests()).toBe(7);
    expect((await fetch(stub.url)).status).toBe(404);
  });
});
