import { setTimeout as sleep } from 'node:timers/promises';
import { PUBLISHERS } from '../work.ts';
import type { PublishPlan, Setting } from '../work.ts';

export interface Participant {
  /** Writes one event to the outbox, in a transaction. */
  publish(number: number): Promise<void>;
  close(): Promise<void>;
}

type Command = { readonly publish: PublishPlan } | 'heap' | 'finish';

/** Runs a participant under the orders of the process that started it. */
export async function serve(start: (setting: Setting) => Promise<Participant>): Promise<void> {
  const setting = JSON.parse(process.env['EVENTS_SETTING'] ?? '') as Setting;
  const participant = await start(setting);
  // Without a parent there is nobody to measure; without this a process that was left alone would stay.
  process.once('disconnect', () => process.exit(0));
  process.on('message', (message: string) => {
    void obey(participant, JSON.parse(message) as Command);
  });
  // The harness waits for a port, of which it has no need here.
  process.send?.({ kind: 'ready', port: 0 });
}

async function obey(participant: Participant, command: Command): Promise<void> {
  if (command === 'heap') {
    process.send?.({ kind: 'heap', bytes: process.memoryUsage().heapUsed });
  } else if (command === 'finish') {
    await participant.close();
    process.send?.({ kind: 'finished' });
  } else {
    await publishAll(participant, command.publish);
    process.send?.({ kind: 'published' });
  }
}

/** Each of the publishers writes every eighth event, one after the other. */
async function publishAll(participant: Participant, { first, count, perSecond }: PublishPlan): Promise<void> {
  const began = performance.now();
  const publisher = async (index: number): Promise<void> => {
    const firstOfIt = first + ((index - (first % PUBLISHERS) + PUBLISHERS) % PUBLISHERS);
    for (let number = firstOfIt; number < first + count; number += PUBLISHERS) {
      if (perSecond !== undefined) {
        const wait = began + ((number - first) * 1_000) / perSecond - performance.now();
        if (wait > 0) await sleep(wait);
      }
      await participant.publish(number);
    }
  };
  await Promise.all(Array.from({ length: PUBLISHERS }, (_, index) => publisher(index)));
}
