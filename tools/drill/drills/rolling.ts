import { serviceNames } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
import { startBalancer } from '@signalpress/testing';
import type { Balancer } from '@signalpress/testing';
import { servicePort } from '../../launcher/environment.ts';
import type { Drill, Form } from '../drill.ts';
import type { Facts } from '../facts.ts';
import type { Instance } from '../fleet.ts';
import type { Run } from '../ledger.ts';
import { quickLeases } from '../leases.ts';
import type { Stage } from '../stage.ts';

const slots = [0, 1];
/** Where the instances of a slot stand; the service's own port is the balancer's. */
const apart = 1_000;
const readyWithinMs = 120_000;
/** How often a balancer looks at readiness: sixteen instances share two cores with whoever looks. */
const lookEveryMs = 300;
const environment = {
  ...quickLeases,
  SAMPLE_SECONDS: '5',
  OBSERVE_SECONDS: '5',
  // Several looks of the balancer: on a busy machine one of them takes long.
  SHUTDOWN_READINESS_DELAY_SECONDS: '2',
};
/** Recurring jobs that run often enough to be seen, and how often. */
const schedules = [
  { service: 'monitoring', name: 'series-rollup', everyMs: 5_000 },
  { service: 'monitoring', name: 'sample', everyMs: 5_000 },
  { service: 'marketplace-publisher', name: 'observe', everyMs: 5_000 },
] as const;

/**
 * Two of each service behind balancers that watch readiness; all sixteen are restarted under load: of each service one after the other,
 * as a deployment does, and in the short form of several services at a time.
 */
export function rollingDrill({ short, portOffset }: Form): Drill {
  const balancers: Balancer[] = [];
  const rounds = short ? 1 : 3;
  const atOnce = short ? 2 : 1;
  const wrong: string[] = [];
  let restarts = 0;
  let requests = 0;
  let runs: Run[] = [];
  let lives: readonly Instance[] = [];
  const port = (service: ServiceName, slot: number): number => servicePort(service, portOffset) + apart * (slot + 1);
  return {
    settings: {
      slots: slots.length,
      port,
      repeatRequests: false,
      environment,
    },
    async start() {
      for (const service of serviceNames) {
        const balancer = await startBalancer(servicePort(service, portOffset), lookEveryMs);
        for (const slot of slots) balancer.add(`http://127.0.0.1:${port(service, slot)}`);
        balancers.push(balancer);
      }
    },
    async prepare(stage) {
      await stage.until('all sixteen behind their balancers', readyWithinMs, () =>
        balancers.every((balancer) => balancer.readyCount() === slots.length),
      );
    },
    async run(stage) {
      await stage.pause(short ? 3_000 : 20_000);
      for (let round = 0; round < rounds; round++) {
        for (let from = 0; from < serviceNames.length; from += atOnce) {
          const group = serviceNames.slice(from, from + atOnce);
          await Promise.all(group.map((service, index) => restartBoth(stage, service, balancers[from + index])));
          restarts += group.length * slots.length;
        }
      }
      await stage.pause(short ? 3_000 : 20_000);
    },
    async rested(stage) {
      requests = stage.load.requests;
      wrong.push(...stage.load.failures.map((failure) => `a request at the gateway failed: ${failure}`));
      runs = await stage.ledger.runs();
      lives = stage.fleet.instances;
    },
    progress: () => `${restarts} restarts of 16 processes`,
    figures: () => [
      `${restarts} restarts of 16 processes`,
      `${requests} requests, ${wrong.length} failed`,
      `${lives.reduce((sum, { spans }) => sum + (spans?.exported ?? 0), 0)} spans sent`,
      `${runs.filter(isScheduled).length} scheduled runs`,
    ],
    verdict: (facts) => [
      ...wrong,
      ...spansThatDiffer(facts, lives),
      ...slotsThatIdled(facts, lives),
      ...schedulesThatRanTooOften(runs),
      ...facts.orphans.map(({ description }) => `nothing was killed, and a span is missing: ${description}`),
    ],
    close: async () => {
      for (const balancer of balancers) balancer.close();
      return Promise.resolve();
    },
  };
}

/** In order, and on to the next only when the balancer counts it in again. */
async function restartBoth(stage: Stage, service: ServiceName, balancer: Balancer | undefined): Promise<void> {
  for (const slot of slots) {
    await stage.fleet.stop(service, slot);
    stage.fleet.start(service, slot);
    await stage.fleet.ready(stage.settings.signal, service, slot);
    await stage.until(`${service} behind its balancer`, readyWithinMs, () => balancer?.readyCount() === slots.length);
  }
}

/** Each process says at its end what it sent; the sink has to have got that. */
function spansThatDiffer({ work }: Facts, lives: readonly Instance[]): string[] {
  const received = new Map(work.map(({ instance, spans }) => [instance, spans]));
  return lives.flatMap(({ id, spans }) => {
    if (spans === undefined) return [`${id} did not say what it had sent`];
    const got = received.get(id) ?? 0;
    return spans.exported === got && spans.sampled === got
      ? []
      : [`${id}: ${spans.sampled} spans recorded, ${spans.exported} sent, ${got} received`];
  });
}

/** Both places of every service have to have had work. */
function slotsThatIdled({ work }: Facts, lives: readonly Instance[]): string[] {
  const handled = new Map(work.map((one) => [one.instance, one.handled]));
  return serviceNames.flatMap((service) =>
    slots
      .filter(
        (slot) =>
          !lives.some((life) => life.service === service && life.slot === slot && (handled.get(life.id) ?? 0) > 0),
      )
      .map((slot) => `instance ${slot + 1} of ${service} had no work`),
  );
}

const isScheduled = (run: Run): boolean =>
  schedules.some(({ service, name }) => run.service === service && run.name === name);

/** A run begins an interval after the one before it ended, whichever instances have them; the database's clock tells. */
function schedulesThatRanTooOften(runs: readonly Run[]): string[] {
  return schedules.flatMap(({ service, name, everyMs }) => {
    const ends = runs.filter((run) => run.service === service && run.name === name).map(({ at }) => at);
    const tooSoon = ends.filter((at, index) => index > 0 && at - (ends[index - 1] ?? 0) < everyMs * 0.99);
    if (ends.length < 3) return [`${name} of ${service} ran ${ends.length} times only`];
    return tooSoon.length === 0
      ? []
      : [`${name} of ${service} ran ${tooSoon.length} times sooner than every ${everyMs} ms`];
  });
}
