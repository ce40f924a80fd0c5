import path from 'node:path';

export interface Variant {
  readonly name: string;
  /** What the table calls it. */
  readonly label: string;
  readonly entry: string;
  /** What it is run with. */
  readonly partitions: readonly number[];
  readonly environment: Readonly<Record<string, string>>;
}

const participant = (file: string): string => path.join(import.meta.dirname, 'participants', file);
const KAFKA_PARTITIONS = [1, 2, 4];

/** In the order of the table. */
export const variants: readonly Variant[] = [
  {
    name: 'hand-written',
    label: 'hand-written kafkajs loop',
    entry: participant('hand-written.ts'),
    partitions: KAFKA_PARTITIONS,
    environment: {},
  },
  {
    name: 'one-by-one',
    label: 'hand-written, a transaction per event',
    entry: participant('hand-written.ts'),
    partitions: [4],
    environment: { EVENTS_AT_ONCE: '1' },
  },
  {
    name: 'prepared',
    label: 'hand-written, its insert prepared',
    entry: participant('hand-written.ts'),
    partitions: [4],
    environment: { EVENTS_PREPARED: '1' },
  },
  {
    name: 'nest',
    label: '@nestjs/microservices on Kafka',
    entry: participant('nest-microservices.ts'),
    partitions: KAFKA_PARTITIONS,
    environment: {},
  },
  {
    name: 'kafka',
    label: 'ours on kafka',
    entry: participant('ours.ts'),
    partitions: KAFKA_PARTITIONS,
    environment: { EVENTS_TRANSPORT: 'kafka' },
  },
  {
    name: 'postgres',
    label: 'ours on postgres',
    entry: participant('ours.ts'),
    // For good: libs/messaging/src/transport/postgres.
    partitions: [8],
    environment: { EVENTS_TRANSPORT: 'postgres' },
  },
];
