import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { ServiceProcess } from '../overhead/service-process.ts';
import { fillOutbox } from './fill.ts';
import type { Ground } from './ground.ts';
import { heapOf, startParticipant } from './measure.ts';
import { assertExactlyOnceInOrder, effectsBegun, waitForEffects } from './outcome.ts';
import type { Variant } from './variants.ts';

/** What it took to work off a backlog. */
export interface Work {
  /** CPU of the process per event, for each tenth of the backlog. */
  readonly microseconds: readonly number[];
  readonly eventsPerSecond: number;
  /** At the peak. */
  readonly residentMegabytes: number;
  readonly heapMegabytes: number;
}

export interface Backlog {
  readonly name: string;
  readonly label: string;
  readonly partitions: number;
  readonly events: number;
  /** From the outbox to the transport. */
  readonly relay: Work;
  /** From the transport to the effect, in a new process. */
  readonly consumer: Work;
}

const LOOK_MS = 50;
const TENTHS = 10;
/** In front of those that are measured, for the compiler. */
const WARM_UP = 20_000;

/**
 * Has all events wait in the outbox, moves them to the transport while nobody consumes, and then consumes them: two processes,
 * so that the cost of one half does not hide in the other's.
 */
export async function workOff(variant: Variant, partitions: number, events: number, ground: Ground): Promise<Backlog> {
  const place = await ground.place(partitions);
  try {
    const all = WARM_UP + events;
    await fillOutbox(place.database, 0, all);
    await place.database.query('analyze outbox');
    const half = async (consumes: boolean, done: () => Promise<number>): Promise<Work> => {
      const participant = await startParticipant(variant, place, consumes);
      try {
        return await watch(participant, events, done);
      } finally {
        await participant.kill();
      }
    };
    const relay = await half(false, async () => all - (await waiting(place.database)));
    const consumer = await half(true, () => effectsBegun(place.database));
    await waitForEffects(place.database, all);
    await assertExactlyOnceInOrder(place.database, variant.name, all);
    return { name: variant.name, label: variant.label, partitions, events, relay, consumer };
  } finally {
    await place.close();
  }
}

/** Looks until all is done, and keeps what had been used when each tenth was. */
async function watch(participant: ServiceProcess, events: number, done: () => Promise<number>): Promise<Work> {
  const marks: { readonly done: number; readonly cpu: number; readonly at: number }[] = [];
  let [residentMegabytes, heapMegabytes] = [0, 0];
  let deadline = performance.now() + 60_000;
  for (let last = -1; last < WARM_UP + events;) {
    const now = await done();
    if (now >= WARM_UP + (events * marks.length) / TENTHS)
      marks.push({ done: now, cpu: participant.cpuMicroseconds(), at: performance.now() });
    residentMegabytes = Math.max(residentMegabytes, participant.residentMegabytes());
    heapMegabytes = Math.max(heapMegabytes, await heapOf(participant));
    if (now !== last) deadline = performance.now() + 60_000;
    if (performance.now() > deadline) throw new Error(`${now} of ${events} events are through, and no more`);
    last = now;
    await sleep(LOOK_MS);
  }
  const [first, end] = [marks[0], marks.at(-1)];
  if (first === undefined || end === undefined) throw new Error('the backlog was too short to be watched');
  return {
    microseconds: marks.slice(1).map((mark, index) => {
      const before = marks[index] ?? first;
      return (mark.cpu - before.cpu) / (mark.done - before.done);
    }),
    eventsPerSecond: ((end.done - first.done) / (end.at - first.at)) * 1_000,
    residentMegabytes,
    heapMegabytes,
  };
}

async function waiting(database: pg.Pool): Promise<number> {
  const { rows } = await database.query<{ count: string }>('select count(*) from outbox');
  return Number(rows[0]?.count);
}
