import { ServiceProcess } from '../overhead/service-process.ts';
import type { Ground, Place } from './ground.ts';
import { assertExactlyOnceInOrder, latencyOf, secondsOf, waitForEffects } from './outcome.ts';
import type { Latency } from './outcome.ts';
import type { Variant } from './variants.ts';
import type { PublishPlan, Setting } from './work.ts';

/** One run of one variant. */
export interface Sample {
  readonly eventsPerSecond: number;
  /** CPU of the whole process over the measured events, publishing included, per event. */
  readonly microsecondsPerEvent: number;
  /** At a fifth of a modest load, in milliseconds. */
  readonly latency: Latency;
  readonly residentMegabytes: number;
  readonly heapMegabytes: number;
}

export interface Sizes {
  /** Events that are measured at full speed. */
  readonly events: number;
  /** Events of the latency, sent evenly in time. */
  readonly paced: number;
  readonly pacedPerSecond: number;
}

/** Enough for the compiler, and for the group to have its partitions. */
const WARM_UP = 1_000;

export async function measure(variant: Variant, partitions: number, sizes: Sizes, ground: Ground): Promise<Sample> {
  const place = await ground.place(partitions);
  const participant = await startParticipant(variant, place);
  try {
    publish(participant, { first: 0, count: WARM_UP });
    await waitForEffects(place.database, WARM_UP);

    const cpuBefore = participant.cpuMicroseconds();
    publish(participant, { first: WARM_UP, count: sizes.events });
    await waitForEffects(place.database, WARM_UP + sizes.events);
    const cpu = participant.cpuMicroseconds() - cpuBefore;
    const residentMegabytes = participant.residentMegabytes();
    const heapMegabytes = await heapOf(participant);

    const firstPaced = WARM_UP + sizes.events;
    publish(participant, { first: firstPaced, count: sizes.paced, perSecond: sizes.pacedPerSecond });
    await waitForEffects(place.database, firstPaced + sizes.paced);

    const seconds = await secondsOf(place.database, WARM_UP, sizes.events);
    await assertExactlyOnceInOrder(place.database, variant.name, firstPaced + sizes.paced);
    return {
      eventsPerSecond: sizes.events / seconds,
      microsecondsPerEvent: cpu / sizes.events,
      latency: await latencyOf(place.database, firstPaced, sizes.paced),
      residentMegabytes,
      heapMegabytes,
    };
  } finally {
    await participant.kill();
    await place.close();
  }
}

export function startParticipant(variant: Variant, place: Place, consumes = true): Promise<ServiceProcess> {
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
  });
}

/** Megabytes of the JavaScript heap in use, garbage included. */
export async function heapOf(participant: ServiceProcess): Promise<number> {
  const { bytes } = await participant.ask(JSON.stringify('heap'), 'heap');
  return Number(bytes) / 1e6;
}

/** Does not wait: what has become of the events is seen in the database. */
function publish(participant: ServiceProcess, plan: PublishPlan): void {
  participant.tell(JSON.stringify({ publish: plan }));
}
