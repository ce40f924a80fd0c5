import { randomBytes } from 'node:crypto';
import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { Kafka } from '@signalpress/testing/kafka';
import type { KafkaOptions } from '../src/index.js';
import type { TestServiceOptions } from './test-service.js';
import type { TransportFixture } from './transport-contract.js';

/** A cluster in use by one installation, whose topics nobody else sees. */
export function kafkaOptions(kafka: Kafka, overrides: Partial<KafkaOptions> = {}): KafkaOptions {
  return {
    kind: 'kafka',
    brokers: kafka.bootstrap.split(','),
    topicPrefix: `t${randomBytes(4).toString('hex')}.`,
    partitions: 4,
    replicationFactor: kafka.brokers.length,
    ...overrides,
  };
}

/** The connections of one client, which can be cut for good: to the brokers it is as if its machine had lost power. */
export function cuttable(transport: KafkaOptions): { transport: KafkaOptions; cut: () => void } {
  const open = new Set<Socket>();
  let severed = false;
  const openSocket: KafkaOptions['openSocket'] = ({ host, port, onConnect }) => {
    const socket = connectPlain({ host, port }, onConnect);
    if (severed) socket.destroy(new Error('the line is cut'));
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    return socket;
  };
  const cut = (): void => {
    severed = true;
    for (const socket of open) socket.destroy();
  };
  return { transport: { ...transport, openSocket }, cut };
}

/** A database of its own and topics of its own on a broker that others use, too. */
export async function kafkaFixture(kafka: Kafka): Promise<TransportFixture> {
  const database = await createTestDatabase();
  const transport = kafkaOptions(kafka);
  return {
    databaseUrl: database.url,
    options: (): Partial<TestServiceOptions> => cuttable(transport),
    close: () => database.close(),
  };
}
