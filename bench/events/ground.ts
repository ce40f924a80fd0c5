import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { messagingMigrations } from '@signalpress/messaging';
import { migrate } from '@signalpress/persistence';
import { acquireEmbeddedPostgres } from '@signalpress/persistence/embedded';
import { startKafka } from '@signalpress/testing/kafka';
import { Kafka, logLevel } from 'kafkajs';
import type { Admin } from 'kafkajs';
import pg from 'pg';
import { EVENT_TYPE, POOL_MAX, SERVICE } from './work.ts';

/** A database and a topic that nobody used before. */
export interface Place {
  readonly databaseUrl: string;
  readonly brokers: readonly string[];
  readonly prefix: string;
  readonly partitions: number;
  readonly database: pg.Pool;
  close(): Promise<void>;
}

/** A PostgreSQL that forces to disk what it commits, and a Kafka of one broker, for the length of a run. */
export interface Ground {
  place(partitions: number): Promise<Place>;
  close(): Promise<void>;
}

const root = path.resolve(import.meta.dirname, '../..');

export async function startGround(): Promise<Ground> {
  const dataDirectory = path.join(root, '.data', `bench-events-${process.pid}`);
  const postgres = await durablePostgres(dataDirectory);
  const kafka = await startKafka();
  const client = new Kafka({ brokers: kafka.bootstrap.split(','), clientId: 'ground', logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  return {
    place: async (partitions) => {
      const name = `bench_${randomBytes(4).toString('hex')}`;
      const databaseUrl = await createDatabase(postgres.url, name);
      const prefix = `${name}.`;
      await createTopic(admin, `${prefix}${EVENT_TYPE}`, partitions);
      const database = new pg.Pool({ connectionString: databaseUrl, max: 2, options: `-c search_path=${SERVICE}` });
      const close = async (): Promise<void> => {
        await database.end();
        const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
        await admin.deleteTopics({ topics });
        await asAdministrator(postgres.url, `drop database ${name} with (force)`);
      };
      return { databaseUrl, brokers: kafka.bootstrap.split(','), prefix, partitions, database, close };
    },
    close: async () => {
      await admin.disconnect();
      await kafka.stop();
      await postgres.release();
      for (const suffix of ['', '.lock', '.leases', '.server.json', '.log'])
        rmSync(`${dataDirectory}${suffix}`, { recursive: true, force: true });
    },
  };
}

/** It also remembers when each transaction was committed, which is where the latency of an event ends. */
async function durablePostgres(dataDirectory: string): ReturnType<typeof acquireEmbeddedPostgres> {
  const options = { dataDirectory, owner: 'bench:events' };
  const first = await acquireEmbeddedPostgres(options);
  await asAdministrator(first.url, 'alter system set track_commit_timestamp = on');
  await first.release();
  return acquireEmbeddedPostgres(options);
}

async function createDatabase(serverUrl: string, name: string): Promise<string> {
  await asAdministrator(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const effects = { name: 'bench', directory: new URL('migrations/', import.meta.url) };
  const options = { databaseUrl: url.href, schema: SERVICE, applicationName: 'ground', poolMax: POOL_MAX };
  await migrate(options, [...messagingMigrations(), effects]);
  return url.href;
}

async function createTopic(admin: Admin, topic: string, numPartitions: number): Promise<void> {
  await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
}

async function asAdministrator(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
