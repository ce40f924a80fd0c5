import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { assertReachable, serverAccount } from './embedded.account.js';
import { findBinaries } from './embedded.binaries.js';
import { Cluster, SUPERUSER } from './embedded.cluster.js';
import { newPassword, readCredentials, writeCredentials } from './embedded.credentials.js';
import type { Credentials } from './embedded.credentials.js';
import { EmbeddedPostgresError, fileError, messageOf } from './embedded.errors.js';
import { Leases } from './embedded.leases.js';
import type { Lease } from './embedded.leases.js';
import { withLock } from './embedded.lock.js';
import { freePort, isPortFree } from './embedded.ports.js';

export interface EmbeddedPostgresOptions {
  /** PostgreSQL's data; `<dataDirectory>.lock`, `.leases` and `.server.json` (the password, 0600) are beside it. */
  readonly dataDirectory: string;
  /** Default: any free one, the same as last time if it is free. A server that runs already keeps the port it has. */
  readonly port?: number;
  /** Who uses the server, for people who look at the leases. */
  readonly owner: string;
  /** For tests: nothing is forced to disk, so a crash of the machine may lose the data. */
  readonly fast?: boolean;
  /** Default 200. */
  readonly maxConnections?: number;
}

export interface EmbeddedPostgres {
  /** A superuser's URL of the database `postgres`; it carries the password. */
  readonly url: string;
  /** Gives the server back; the last user's release stops it. Safe to call twice. */
  readonly release: () => Promise<void>;
}

const DEFAULT_MAX_CONNECTIONS = 200;
const PORT_TRIES = 5;
const ANSWER_DEADLINE_MS = 60_000;
const ENDING_DEADLINE_MS = 20_000;
const POLL_MS = 100;

/**
 * Shares one PostgreSQL server on a data directory among all processes that ask for it: the first makes the data if there
 * is none and starts the server, the last to release stops it. A user that died is no user any more, at the next acquire
 * or release. For tools and tests on one machine; a service gets its database by URL.
 *
 * @throws EmbeddedPostgresError with one line that says what to do
 */
export async function acquireEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDirectory = resolve(options.dataDirectory);
  const parent = dirname(dataDirectory);
  await mkdir(parent, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, parent);
  });
  const lock = `${dataDirectory}.lock`;
  const leases = new Leases(`${dataDirectory}.leases`);
  const server = await openServer(dataDirectory);
  const { url, lease } = await withLock(lock, async () => {
    const running = await server.ensureRunning(options);
    try {
      return { url: running, lease: await leases.add(options.owner) };
    } catch (error) {
      if ((await leases.prune()).length === 0) await server.stop();
      throw fileError(error, dataDirectory);
    }
  });
  let releasing: Promise<void> | undefined;
  const release = (lent: Lease): Promise<void> =>
    withLock(lock, async () => {
      await leases.remove(lent);
      if ((await leases.prune()).length === 0) await server.stop();
    });
  return { url, release: () => (releasing ??= release(lease)) };
}

interface Server {
  ensureRunning(options: EmbeddedPostgresOptions): Promise<string>;
  stop(): Promise<void>;
}

async function openServer(dataDirectory: string): Promise<Server> {
  const binaries = await findBinaries();
  const account = await serverAccount(dataDirectory);
  if (account !== undefined) {
    await assertReachable(dataDirectory, account);
    await assertReachable(binaries.postgres, account);
  }
  const cluster = new Cluster(dataDirectory, binaries, account);
  const credentialsPath = `${dataDirectory}.server.json`;
  return {
    ensureRunning: async (options) => {
      const major = await cluster.dataMajor();
      if (major === undefined) return startNew(cluster, credentialsPath, options);
      const credentials = await readCredentials(credentialsPath);
      if (credentials === undefined) {
        throw new EmbeddedPostgresError(
          'start-failed',
          `The password of ${dataDirectory} is gone: restore ${credentialsPath}, or remove ${dataDirectory} to start empty`,
        );
      }
      const url = await runningUrl(cluster, credentials);
      if (url !== undefined) return url;
      await assertSameMajor(cluster, major, dataDirectory);
      return startExisting(cluster, credentialsPath, credentials, options);
    },
    stop: () => cluster.stop(),
  };
}

async function startNew(cluster: Cluster, path: string, options: EmbeddedPostgresOptions): Promise<string> {
  const credentials = { password: newPassword() };
  // First the password: data without it would be lost.
  await writeCredentials(path, credentials);
  await cluster.initialise(credentials.password, options.fast ?? false);
  return startExisting(cluster, path, credentials, options);
}

async function assertSameMajor(cluster: Cluster, major: string, dataDirectory: string): Promise<void> {
  const programs = await cluster.programMajor();
  if (programs === major) return;
  throw new EmbeddedPostgresError(
    'other-major',
    `The data in ${dataDirectory} is of PostgreSQL ${major}, the programs here are ${programs}: dump it with pg_dump of ${major} and load it into a new directory, or remove it to start empty`,
  );
}

const urlOf = (password: string, port: number): string =>
  `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;

/** The URL of the server that runs already, waiting while it starts or stops; undefined if none runs. */
async function runningUrl(cluster: Cluster, { password }: Credentials): Promise<string | undefined> {
  const deadline = Date.now() + ANSWER_DEADLINE_MS;
  for (;;) {
    const postmaster = await cluster.postmaster();
    if (postmaster === undefined) return undefined;
    const url = urlOf(password, postmaster.port);
    const failure = await answers(url);
    if (failure === undefined) return url;
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        'start-failed',
        `PostgreSQL runs as process ${postmaster.pid} and does not let us in (${failure}): look at ${cluster.log}, or end it`,
      );
    }
    await sleep(POLL_MS);
  }
}

/** Undefined if a query is answered, else why not. */
async function answers(url: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return undefined;
  } catch (error) {
    return messageOf(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function startExisting(
  cluster: Cluster,
  path: string,
  credentials: Credentials,
  options: EmbeddedPostgresOptions,
): Promise<string> {
  const settings = { fast: options.fast ?? false, maxConnections: options.maxConnections ?? DEFAULT_MAX_CONNECTIONS };
  const deadline = Date.now() + ENDING_DEADLINE_MS;
  for (let attempt = 1; attempt <= PORT_TRIES;) {
    const port = options.port ?? (await choosePort(attempt === 1 ? credentials.port : undefined));
    const result = (await isPortFree(port)) ? await cluster.start({ ...settings, port }) : 'port-taken';
    if (result === 'started') {
      await writeCredentials(path, { ...credentials, port });
      return urlOf(credentials.password, port);
    }
    if (result === 'still-ending') {
      if (Date.now() > deadline) break;
      await sleep(POLL_MS);
    } else if (options.port === undefined) {
      attempt++;
    } else {
      throw new EmbeddedPostgresError(
        'port-taken',
        `Port ${port} on 127.0.0.1 is taken by another program: end it, or choose another port`,
      );
    }
  }
  throw new EmbeddedPostgresError('start-failed', `PostgreSQL does not start: look at ${cluster.log}`);
}

async function choosePort(remembered: number | undefined): Promise<number> {
  return remembered !== undefined && (await isPortFree(remembered)) ? remembered : freePort();
}
