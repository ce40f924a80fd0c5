import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { acquireEmbeddedPostgres } from '../embedded/embedded.js';
import { pidExists } from '../embedded/embedded.processes.js';

export interface TestDatabase {
  /** A database of its own, empty, on a server that all specs of the workspace share. */
  readonly url: string;
  /** Drops the database and gives the server back. */
  readonly close: () => Promise<void>;
}

const NAME = /^test_(\d+)_[0-9a-f]+$/;

/**
 * A fresh, empty database. The server is the workspace's own in `.data/test-postgres`: started by the first spec that
 * needs it, stopped with the last, shared by Jest's workers and by the tasks Nx runs at once.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await acquireEmbeddedPostgres({
    dataDirectory: join(workspaceRoot(), '.data', 'test-postgres'),
    owner: 'specs',
    fast: true,
  });
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  try {
    await asAdministrator(server.url, async (client) => {
      await dropOrphans(client);
      // From template0 nobody else can be connected to; copying files is quicker than logging them.
      await client.query(`create database ${name} template template0 strategy file_copy`);
    });
  } catch (error) {
    await server.release();
    throw error;
  }
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const close = async (): Promise<void> => {
    try {
      await asAdministrator(server.url, (client) => client.query(`drop database if exists ${name} with (force)`));
    } finally {
      await server.release();
    }
  };
  let closing: Promise<void> | undefined;
  return { url: url.href, close: () => (closing ??= close()) };
}

/** A spec that was killed leaves its database behind. */
async function dropOrphans(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ datname: string }>(
    "select datname from pg_database where datname like 'test\\_%'",
  );
  for (const { datname } of rows) {
    const pid = Number(NAME.exec(datname)?.[1]);
    if (pid > 0 && !pidExists(pid)) await client.query(`drop database if exists ${datname} with (force)`);
  }
}

async function asAdministrator(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function workspaceRoot(): string {
  for (const start of [process.cwd(), dirname(fileURLToPath(import.meta.url))]) {
    for (let directory = start; ; directory = dirname(directory)) {
      if (existsSync(join(directory, 'nx.json'))) return directory;
      if (directory === dirname(directory)) break;
    }
  }
  throw new Error('No nx.json in this directory or above: specs run inside the workspace');
}
