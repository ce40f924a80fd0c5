import type { EventEnvelope } from '@signalpress/contracts';
import { Kafka, logLevel } from 'kafkajs';
import type { EachBatchPayload } from 'kafkajs';
import { CONSUMER_BATCH, EVENT_TYPE, SERVICE } from '../work.ts';
import type { Observation } from '../work.ts';
import { PlainDatabase } from './plain-database.ts';
import { serve } from './serve.ts';

/** Events of one transaction. */
const atOnce = Number(process.env['EVENTS_AT_ONCE'] ?? CONSUMER_BATCH);

/** What one writes with kafkajs and pg: no checks, no spans, no metrics, no retries, no dead letters. */
await serve(async ({ databaseUrl, brokers, prefix, partitions, consumes }) => {
  const database = new PlainDatabase(databaseUrl);
  const kafka = new Kafka({ clientId: SERVICE, brokers: [...brokers], logLevel: logLevel.ERROR });
  const topic = `${prefix}${EVENT_TYPE}`;
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const consumer = kafka.consumer({ groupId: `${prefix}${SERVICE}` });
  if (consumes) {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      partitionsConsumedConcurrently: partitions,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => eachBatch(payload, database),
    });
  }
  database.startRelay(async (rows) => {
    await producer.send({
      topic,
      acks: -1,
      messages: rows.map(({ key, envelope }) => ({ key, value: envelope })),
    });
  });
  return {
    publish: (number) => database.publish(number),
    close: async () => {
      await consumer.disconnect();
      await database.close();
      await producer.disconnect();
    },
  };
});

/** kafkajs commits what is resolved when the batch ends. What is at hand shares transactions, of as many events as with ours. */
async function eachBatch(payload: EachBatchPayload, database: PlainDatabase): Promise<void> {
  const { messages } = payload.batch;
  for (let first = 0; first < messages.length; first += atOnce) {
    if (!payload.isRunning() || payload.isStale()) break;
    const some = messages.slice(first, first + atOnce);
    await database.handleAll(some.map(({ value }) => JSON.parse(String(value)) as EventEnvelope<Observation>));
    const last = some.at(-1);
    if (last !== undefined) payload.resolveOffset(last.offset);
    await payload.heartbeat();
  }
}
