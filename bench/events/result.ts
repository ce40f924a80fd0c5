import { estimate, median } from '../overhead/statistics.ts';
import type { Estimate } from '../overhead/statistics.ts';
import type { Backlog } from './backlog.ts';
import type { Sample } from './measure.ts';
import type { Case } from './rounds.ts';

export interface Row {
  readonly name: string;
  readonly label: string;
  readonly partitions: number;
  readonly eventsPerSecond: Estimate;
  /** Events per second, to those of another variant in the same round with as many partitions. */
  readonly toHandWritten: Estimate | undefined;
  readonly toNest: Estimate | undefined;
  readonly microsecondsPerEvent: Estimate;
  readonly publishedMicroseconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly residentMegabytes: number;
  readonly heapMegabytes: number;
}

export interface Goal {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly at: 'least' | 'most';
  readonly met: boolean;
}

const TO_HAND_WRITTEN = 0.8;
const TO_NEST = 1.5;
/** An event's cost with the whole backlog behind it, to that with its last tenth. */
const FLAT = 1.25;
/** Memory at its peak while a backlog is worked off, to that of the same variant without one. */
const BOUNDED = 1.5;

export function rowsOf(samples: ReadonlyMap<Case, readonly Sample[]>): Row[] {
  const of = (name: string, partitions: number): readonly Sample[] | undefined =>
    [...samples].find(([one]) => one.variant.name === name && one.partitions === partitions)?.[1];
  return [...samples].map(([{ variant, partitions }, own]) => {
    const to = (name: string): Estimate | undefined => {
      const others = of(name, partitions);
      if (others === undefined) return undefined;
      return estimate(own.map((sample, round) => sample.eventsPerSecond / (others[round]?.eventsPerSecond ?? NaN)));
    };
    return {
      name: variant.name,
      label: variant.label,
      partitions,
      eventsPerSecond: estimate(own.map((sample) => sample.eventsPerSecond)),
      toHandWritten: to('hand-written'),
      toNest: to('nest'),
      microsecondsPerEvent: estimate(own.map((sample) => sample.microsecondsPerEvent)),
      publishedMicroseconds: median(own.map((sample) => sample.publishedMicroseconds)),
      p50: median(own.map((sample) => sample.latency.p50)),
      p99: median(own.map((sample) => sample.latency.p99)),
      residentMegabytes: median(own.map((sample) => sample.residentMegabytes)),
      heapMegabytes: median(own.map((sample) => sample.heapMegabytes)),
    };
  });
}

/** The medians are judged. Nothing is judged that did not run. */
export function goalsOf(rows: readonly Row[], backlogs: readonly Backlog[]): Goal[] {
  const ours = rows.filter((row) => row.name === 'kafka');
  const speed = ours.flatMap((row) => [
    ...(row.toHandWritten === undefined
      ? []
      : [atLeast(`kafka, ${row.partitions} partitions, × hand-written`, row.toHandWritten.median, TO_HAND_WRITTEN)]),
    ...(row.toNest === undefined
      ? []
      : [atLeast(`kafka, ${row.partitions} partitions, × @nestjs/microservices`, row.toNest.median, TO_NEST)]),
  ]);
  const backlog = backlogs
    .filter(({ name }) => name === 'kafka')
    .flatMap((one) => {
      const usual = rows.find((row) => row.name === one.name && row.partitions === one.partitions);
      return [
        atMost('backlog, relay: first tenth × last tenth', ratioOf(one.relay.microseconds), FLAT),
        atMost('backlog, consumer: first tenth × last tenth', ratioOf(one.consumer.microseconds), FLAT),
        ...(usual === undefined
          ? []
          : [atMost('backlog, peak RSS × without', peakOf(one) / usual.residentMegabytes, BOUNDED)]),
      ];
    });
  return [...speed, ...backlog];
}

/** CPU per event of the first tenth, to that of the last. */
export const ratioOf = (microsecondsByTenth: readonly number[]): number =>
  (microsecondsByTenth[0] ?? NaN) / (microsecondsByTenth.at(-1) ?? NaN);

export const peakOf = ({ relay, consumer }: Backlog): number =>
  Math.max(relay.residentMegabytes, consumer.residentMegabytes);

const atLeast = (what: string, value: number, limit: number): Goal => ({
  what,
  value,
  limit,
  at: 'least',
  met: value >= limit,
});

const atMost = (what: string, value: number, limit: number): Goal => ({
  what,
  value,
  limit,
  at: 'most',
  met: value <= limit,
});
