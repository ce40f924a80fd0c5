import { ServiceProcess } from '../overhead/service-process.ts';
import { fillOutbox } from './fill.ts';
import type { Ground, Place } from './ground.ts';
import { assertExactlyOnceInOrder, latencyOf, secondsOf, waitForEffects } from './outcome.ts';
import type { Latency } from './outcome.ts';
import type { Variant } from './variants.ts';
import type { PublishPlan, Setting } from './work.ts';

/** One run of one variant. */
export interface Sample {
  /** From the outbox, where all of them are, to the effect; relay and consumer at work together. */
  readonly eventsPerSecond: number;
  /** CPU of the whole process over these events, per event. */
  readonly microsecondsPerEvent: number;
  /** The same in a closed loop: eight publishers in the process write one event per transaction, one after the other. */
  readonly publishedMicroseconds: number;
  /** At a modest load. */
  readonly latency: Latency;
  /** After the closed loop, in which nothing piles up. */
  readonly residentMegabytes: number;
  readonly heapMegabytes: number;
}

export interface Sizes {
  /** Events that wait in the outbox when the clock starts. */
  readonly events: number;
  /** Events of the latency, sent evenly in time. */
  readonly paced: number;
  readonly pacedPerSecond: number;
}

/** Published for the compiler, and for the group to have its partitions. */
const FIRST = 1_000;
/** Published in a closed loop, and measured. */
const PUBLISHED = 1_500;
/** From the outbox, for the compiler: so many at once, again and again for at least so long. */
const WARM_UP = 5_000;
const WARM_UP_MS = 4_000;

export async function measure(variant: Variant, partitions: number, sizes: Sizes, ground: Ground): Promise<Sample> {
  const place = await ground.place(partitions);
  const participant = await startParticipant(variant, place);
  const { database } = place;
  try {
    publish(participant, { first: 0, count: FIRST });
    await waitForEffects(database, FIRST);
    const beforePublished = participant.cpuMicroseconds();
    publish(participant, { first: FIRST, count: PUBLISHED });
    await waitForEffects(database, FIRST + PUBLISHED);
    const published = participant.cpuMicroseconds() - beforePublished;
    const residentMegabytes = participant.residentMegabytes();
    const heapMegabytes = await heapOf(participant);

    const first = await warmUp(participant, database, FIRST + PUBLISHED);
    const before = participant.cpuMicroseconds();
    const xid = await drain(participant, database, first, sizes.events);
    const cpu = participant.cpuMicroseconds() - before;

    const firstPaced = first + sizes.events;
    publish(participant, { first: firstPaced, count: sizes.paced, perSecond: sizes.pacedPerSecond });
    await waitForEffects(database, firstPaced + sizes.paced);

    await assertExactlyOnceInOrder(database, variant.name, firstPaced + sizes.paced);
    return {
      eventsPerSecond: sizes.events / (await secondsOf(database, xid, first, sizes.events)),
      microsecondsPerEvent: cpu / sizes.events,
      publishedMicroseconds: published / PUBLISHED,
      latency: await latencyOf(database, firstPaced, sizes.paced),
      residentMegabytes,
      heapMegabytes,
    };
  } finally {
    await participant.kill();
    await place.close();
  }
}

/** Services run for days: their first seconds are no measure of them. @returns the number of the next event */
async function warmUp(participant: ServiceProcess, database: Place['database'], first: number): Promise<number> {
  const until = performance.now() + WARM_UP_MS;
  let next = first;
  for (; next === first || performance.now() < until; next += WARM_UP)
    await drain(participant, database, next, WARM_UP);
  return next;
}

/**
 * Has the events wait in the outbox at once, and waits for their effects. The last one the participant publishes itself, as soon
 * as the others are committed: that wakes a relay that would have polled.
 *
 * @returns the transaction that wrote the others
 */
export async function drain(
  participant: ServiceProcess,
  database: Place['database'],
  first: number,
  count: number,
): Promise<string> {
  const xid = await fillOutbox(database, first, count - 1);
  publish(participant, { first: first + count - 1, count: 1 });
  await waitForEffects(database, first + count);
  return xid;
}

export function startParticipant(
  variant: Variant,
  place: Place,
  consumes = true,
  preload: readonly string[] = [],
): Promise<ServiceProcess> {
  const setting: Setting = {
    databaseUrl: place.databaseUrl,
    brokers: place.brokers,
    prefix: place.prefix,
    partitions: place.partitions,
    consumes,
  };
  return ServiceProcess.start(variant.entry, {
    environment: { ...variant.environment, EVENTS_SETTING: JSON.stringify(setting) },
    pinning: undefined,
    preload,
  });
}

/** Megabytes of the JavaScript heap in use, garbage included. */
export async function heapOf(participant: ServiceProcess): Promise<number> {
  const { bytes } = await participant.ask(JSON.stringify('heap'), 'heap');
  return Number(bytes) / 1e6;
}

/** Does not wait: what has become of the events is seen in the database. */
export function publish(participant: ServiceProcess, plan: PublishPlan): void {
  participant.tell(JSON.stringify({ publish: plan }));
}
