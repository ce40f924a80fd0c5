import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { schemaName } from '@signalpress/contracts';
import { Database } from '@signalpress/persistence';
import { waitFor } from '@signalpress/testing';
import { TRANSPORT } from '../src/transport/transport.js';
import type { OutgoingEvent, Transport } from '../src/transport/transport.js';
import { effects, ideas, observation, publish } from './test-service.js';
import type { Observation, TestService } from './test-service.js';

/** Publishes until both members have handled something, so that both are known to own partitions. */
export async function bothWork(writer: TestService, reader: TestService): Promise<void> {
  const published: string[] = [];
  await waitFor(
    async () => {
      const ids = await publish(
        writer,
        ideas(8).map((ideaId) => ({ ideaId, views: 0 })),
      );
      published.push(...ids);
      const rows = await effects(reader.db);
      return new Set(rows.map((row) => row.member)).size === 2;
    },
    { timeoutMs: 60_000, intervalMs: 100, message: 'both members to work' },
  );
  // By their ids: on a busy machine a broker's answer may come too late, and what it has is sent to it again.
  const missing = async (): Promise<number> => {
    const known = new Set((await effects(reader.db)).map((row) => row.event_id));
    return published.filter((id) => !known.has(id)).length;
  };
  await waitFor(async () => (await missing()) === 0, {
    timeoutMs: 60_000,
    message: 'all that was published to have its effect',
  });
}

export function outgoing(one: Observation, padding?: string): OutgoingEvent {
  const id = randomUUID();
  const envelope = JSON.stringify({
    specversion: '1.0',
    id,
    type: 'listings.observed',
    source: '/signalpress/test',
    subject: one.ideaId,
    time: '2026-05-04T10:30:00.000Z',
    datacontenttype: 'application/json',
    dataschema: schemaName('listings.observed', '1.0'),
    data: { ...observation(one), ...(padding === undefined ? {} : { padding }) },
  });
  return { id, type: 'listings.observed', key: one.ideaId, envelope, recordedAt: new Date() };
}

/** As the relay does it, which tries again while the transport is not connected yet. */
export async function append(service: TestService, events: readonly OutgoingEvent[]): Promise<void> {
  const transport: Transport = service.app.get(TRANSPORT);
  const db = service.app.get(Database);
  const attempt = (): Promise<true> => db.transaction((tx) => transport.append(events, tx)).then(() => true);
  await waitFor(attempt, { timeoutMs: 15_000, intervalMs: 100, message: 'the transport to take events' });
}

export function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
