import { servicePort } from '../../launcher/environment.ts';
import type { Drill, Form } from '../drill.ts';
import { quickLeases } from '../leases.ts';
import { Recorder } from '../recorder.ts';
import type { RecordedCall } from '../recorder.ts';
import type { Stage } from '../stage.ts';

interface Plan {
  readonly failAfterCommit?: number;
  readonly rateLimit?: number;
  readonly hang?: number;
}

type Played = Readonly<Record<'fail-after-commit' | 'hang' | 'rate-limit', number>>;

/** As the publisher's rules have it: so many requests a second, and a second's worth saved up. */
const perSecond = 50;
const recorderOffset = 3_000;
const shownWithinMs = 120_000;

/** The marketplace fails after it committed, slows us down, hangs. Each idea ends with exactly one listing. */
export function marketplaceDrill({ short, portOffset }: Form): Drill {
  const recorderPort = servicePort('marketplace-publisher', portOffset) + recorderOffset;
  const phaseMs = short ? 10_000 : 180_000;
  const wrong: string[] = [];
  const total: Record<keyof Played, number> = { 'fail-after-commit': 0, hang: 0, 'rate-limit': 0 };
  const figures: string[] = [];
  let recorder: Recorder | undefined;
  /** Lasts its time, and until it has shown what it is for: a busy machine makes few calls in a while. */
  const phase = async (stage: Stage, plan: Plan, shown: () => Promise<boolean>): Promise<void> => {
    await setFaults(stage, {
      ...plan,
      hangSeconds: 12,
      retryAfterSeconds: 2,
      seed: 1,
      forSeconds: (phaseMs + shownWithinMs) / 1_000,
    });
    await stage.pause(phaseMs);
    await stage.until(`what ${JSON.stringify(plan)} leads to`, shownWithinMs, shown);
    for (const [fault, count] of Object.entries(await played(stage))) total[fault as keyof Played] += count;
  };
  return {
    settings: {
      environment: { ...quickLeases, STOREFRONT_FAULTS: '1', OBSERVE_SECONDS: '2', SYNC_SECONDS: '10' },
      perProcess: (service) =>
        service === 'marketplace-publisher' ? { STOREFRONT_URL: `http://127.0.0.1:${recorderPort}` } : {},
      loadEveryMs: short ? 700 : 900,
    },
    async prepare(stage) {
      recorder = new Recorder(stage.url('marketplace-publisher'));
      await recorder.listen(recorderPort);
    },
    async run(stage) {
      // 5 % of the calls; in the short form, which makes few, more of them.
      await phase(stage, { failAfterCommit: short ? 0.2 : 0.05 }, async () => (await told(stage)).adopted > 0);
      await phase(stage, { rateLimit: 0.9 }, async () => (await told(stage)).left > 0);
      await phase(stage, { hang: 0.3 }, async () => (await played(stage)).hang > 0);
      await phase(stage, { failAfterCommit: 0.05, rateLimit: 0.2, hang: 0.05 }, () => Promise.resolve(true));
      await fetch(faultsUrl(stage), { method: 'DELETE', headers: authorization(stage) });
    },
    async rested(stage) {
      const calls = recorder?.calls ?? [];
      wrong.push(...createdWithoutLooking(calls), ...overBudget(calls));
      const { metrics, left, waits, adopted } = await told(stage);
      if (adopted === 0) wrong.push('listings_finished_total shows no listing that was found again and adopted');
      if (left === 0) wrong.push('neighbour_calls_total shows no call that the circuit breaker held back');
      if (waits === 0) wrong.push('marketplace_budget_wait_seconds shows no call that went through the budget');
      if (!metrics.includes('neighbour_circuit_open{')) wrong.push('neighbour_circuit_open is not there');
      figures.push(
        `${calls.length} calls`,
        `${total['fail-after-commit']} failed after commit, ${total['rate-limit']} slowed down, ${total.hang} hung`,
        `${adopted} listings adopted`,
        `${left} calls held back by the breaker`,
        `at most ${busiestSecond(calls)} calls in a second`,
      );
    },
    figures: () => figures,
    verdict: () => [
      ...wrong,
      ...Object.entries(total)
        .filter(([, count]) => count === 0)
        .map(([fault]) => `no call met ${fault}`),
    ],
    close: async () => Promise.resolve(recorder?.close()),
  };
}

const faultsUrl = (stage: Stage): string => `${stage.url('marketplace-publisher')}/storefront/api/admin/faults`;
const authorization = (stage: Stage) => ({ authorization: `Bearer ${stage.storefrontKey}` });

async function setFaults(stage: Stage, plan: object): Promise<void> {
  const response = await fetch(faultsUrl(stage), {
    method: 'PUT',
    headers: { ...authorization(stage), 'content-type': 'application/json' },
    body: JSON.stringify(plan),
  });
  if (!response.ok) throw new Error(`the storefront refused the plan: ${response.status} ${await response.text()}`);
}

async function played(stage: Stage): Promise<Played> {
  const response = await fetch(faultsUrl(stage), { headers: authorization(stage) });
  return ((await response.json()) as { readonly played: Played }).played;
}

/** What the publisher's metrics say: calls that the breaker held back, calls that went through the budget, listings adopted. */
async function told(stage: Stage): Promise<{ metrics: string; left: number; waits: number; adopted: number }> {
  const metrics = await (await fetch(`${stage.url('marketplace-publisher')}/metrics`)).text();
  return {
    metrics,
    left: valueOf(metrics, 'neighbour_calls_total', 'circuit-open'),
    waits: valueOf(metrics, 'marketplace_budget_wait_seconds_count', 'storefront'),
    adopted: valueOf(metrics, 'listings_finished_total', 'adopted'),
  };
}

/** Calls that open a listing although the marketplace was not asked for the SKU since the last try. */
function createdWithoutLooking(calls: readonly RecordedCall[]): string[] {
  const looked = new Set<string>();
  const wrong: string[] = [];
  for (const { method, url, body } of calls) {
    const sku = new URL(url, 'http://storefront').searchParams.get('sku');
    if (method === 'GET' && sku !== null) looked.add(sku);
    if (method !== 'POST' || !url.endsWith('/listings')) continue;
    const created = (JSON.parse(body) as { readonly sku: string }).sku;
    if (!looked.delete(created)) wrong.push(`a listing for ${created} was asked for without a look for the SKU`);
  }
  return wrong;
}

/** The most calls that began within one second. */
function busiestSecond(calls: readonly RecordedCall[]): number {
  let most = 0;
  for (let last = 0, first = 0; last < calls.length; last++) {
    while ((calls[last]?.startedAt ?? 0) - (calls[first]?.startedAt ?? 0) > 1_000) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

function overBudget(calls: readonly RecordedCall[]): string[] {
  const most = busiestSecond(calls);
  return most > 2 * perSecond ? [`${most} calls in one second are more than the budget of ${perSecond} allows`] : [];
}

/** Sum of the samples of a metric whose labels hold a text. */
function valueOf(metrics: string, name: string, label: string): number {
  return metrics
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && line.includes(`"${label}"`))
    .reduce((sum, line) => sum + Number(/\} ([\d.eE+-]+)/.exec(line)?.[1] ?? 0), 0);
}
