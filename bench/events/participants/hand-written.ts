import type { EventEnvelope } from '@signalpress/contracts';
import { Kafka, logLevel } from 'kafkajs';
import type { EachBatchPayload } from 'kafkajs';
import { EVENT_TYPE, SERVICE } from '../work.ts';
import type { Observation } from '../work.ts';
import { PlainDatabase } from './plain-database.ts';
import { serve } from './serve.ts';

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

/** kafkajs commits what is resolved when the batch ends. */
async function eachBatch(payload: EachBatchPayload, database: PlainDatabase): Promise<void> {
  for (const message of payload.batch.messages) {
    if (!payload.isRunning() || payload.isStale()) break;
    await database.handle(JSON.parse(String(message.value)) as EventEnvelope<Observation>);
    payload.resolveOffset(message.offset);
    await payload.heartbeat();
  }
}
