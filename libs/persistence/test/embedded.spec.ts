import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { acquireEmbeddedPostgres } from '../src/embedded/embedded.js';
import type { EmbeddedPostgres } from '../src/embedded/embedded.js';
import { EmbeddedPostgresError } from '../src/embedded/embedded.errors.js';

const script = new URL('./embedded-user.mjs', import.meta.url).pathname;
const isRoot = process.getuid?.() === 0;

class User {
  readonly url: Promise<string>;

  constructor(readonly process: ChildProcessWithoutNullStreams) {
    this.url = new Promise((resolve, reject) => {
      createInterface(process.stdout).once('line', resolve);
      let said = '';
      process.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      process.once('exit', (code) => reject(new Error(`ended with ${code ?? 'a signal'}: ${said}`)));
    });
    this.url.catch(() => undefined);
  }

  async release(): Promise<void> {
    const exit = once(this.process, 'exit');
    this.process.stdin.write('release\n');
    expect(await exit).toEqual([0, null]);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const exit = once(this.process, 'exit');
    this.process.kill(signal);
    await exit;
  }
}

async function query<R extends pg.QueryResultRow>(url: string, text: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end();
  }
}

const failure = async (work: Promise<EmbeddedPostgres>): Promise<EmbeddedPostgresError> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof EmbeddedPostgresError)) throw new Error(`not the expected error: ${String(error)}`);
  expect(error.message).not.toContain('\n');
  return error;
};

describe('the embedded server', () => {
  let home: string;
  let dataDirectory: string;
  const users: User[] = [];
  const held: EmbeddedPostgres[] = [];

  const startUser = (): User => {
    const args = ['--experimental-transform-types', '--disable-warning=ExperimentalWarning', script, dataDirectory];
    const user = new User(spawn(process.execPath, args, { detached: true }));
    users.push(user);
    return user;
  };
  const acquire = async (options: { port?: number } = {}): Promise<EmbeddedPostgres> => {
    const server = await acquireEmbeddedPostgres({ dataDirectory, owner: 'spec', fast: true, ...options });
    held.push(server);
    return server;
  };
  const leases = (): string[] => readdirSync(`${dataDirectory}.leases`);
  const postmasterPid = (): number =>
    Number(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const isRunning = (): boolean => existsSync(join(dataDirectory, 'postmaster.pid'));

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'embedded-'));
    chmodSync(home, 0o755);
    dataDirectory = join(home, 'data');
  });

  afterEach(async () => {
    for (const { process: child } of users.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
    for (const server of held.splice(0)) await server.release();
  });

  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('is shared by two processes that ask at once, and stopped by the last of them', async () => {
    const [one, two] = [startUser(), startUser()];
    const [url, same] = await Promise.all([one.url, two.url]);
    expect(same).toBe(url);
    expect(leases()).toHaveLength(2);

    await one.release();
    expect(await query(url, 'select 1 as x')).toEqual([{ x: 1 }]);
    await two.release();
    await expect(query(url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(isRunning()).toBe(false);
    expect(leases()).toEqual([]);
  });

  it('listens on 127.0.0.1 alone, asks for the password, keeps it private, and remembers its port', async () => {
    const { url, release } = await acquire();
    const settings = await query<{ name: string; setting: string }>(
      url,
      `select name, setting from pg_settings
       where name in ('listen_addresses', 'unix_socket_directories', 'max_connections', 'fsync') order by name`,
    );
    expect(settings).toEqual([
      { name: 'fsync', setting: 'off' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'max_connections', setting: '200' },
      { name: 'unix_socket_directories', setting: '' },
    ]);
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(`${dataDirectory}.server.json`).mode & 0o777).toBe(0o600);
    expect(statSync(dataDirectory).mode & 0o777).toBe(0o700);

    await release();
    expect((await acquire()).url).toBe(url);
  });

  it('is kept while one process holds it twice', async () => {
    const first = await acquire();
    const second = await acquire();
    await first.release();
    await first.release();
    expect(await query(second.url, 'select 1 as x')).toEqual([{ x: 1 }]);
    await second.release();
    expect(isRunning()).toBe(false);
  });

  it('does not count a user that was killed', async () => {
    const user = startUser();
    const url = await user.url;
    await user.end('SIGKILL');
    expect(leases()).toHaveLength(1);
    expect(isRunning()).toBe(true);

    const server = await acquire();
    expect(server.url).toBe(url);
    await server.release();
    expect(leases()).toEqual([]);
    expect(isRunning()).toBe(false);
  });

  it('outlives Ctrl-C in the terminal of one of its users', async () => {
    const server = await acquire();
    const user = startUser();
    await user.url;
    // What a terminal does: the signal goes to the whole process group.
    const exit = once(user.process, 'exit');
    process.kill(-user.process.pid!, 'SIGINT');
    await exit;
    expect(await query(server.url, 'select 1 as x')).toEqual([{ x: 1 }]);
  });

  it('starts again on its data after the server was killed', async () => {
    const { url } = await acquire();
    await query(url, 'set synchronous_commit = on; create table kept (x int); insert into kept values (7)');
    process.kill(postmasterPid(), 'SIGKILL');
    await sleep(50);
    const server = await acquire();
    expect(await query(server.url, 'select x from kept')).toEqual([{ x: 7 }]);
    await query(server.url, 'drop table kept');
  });

  it('is not fooled by a pid file whose pid another program has now', async () => {
    const { url, release } = await acquire();
    const pidFile = join(dataDirectory, 'postmaster.pid');
    const text = readFileSync(pidFile, 'utf8').split('\n');
    await release();
    writeFileSync(pidFile, [String(process.pid), ...text.slice(1)].join('\n'));
    const server = await acquire();
    expect(server.url).toBe(url);
  });

  it('takes over the lock of a process that is gone', async () => {
    writeFileSync(`${dataDirectory}.lock`, JSON.stringify({ pid: process.pid, startedAt: '1', token: 'gone' }));
    const { url } = await acquire();
    expect(await query(url, 'select 1 as x')).toEqual([{ x: 1 }]);
  });

  it('says which port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const error = await failure(acquire({ port }));
    expect(error.code).toBe('port-taken');
    expect(error.message).toContain(`Port ${port} on 127.0.0.1 is taken`);
    other.close();
    await once(other, 'close');
    expect(new URL((await acquire({ port })).url).port).toBe(String(port));
  });

  it('refuses the data of another major version, naming both', async () => {
    const { release } = await acquire();
    await release();
    const file = join(dataDirectory, 'PG_VERSION');
    const version = readFileSync(file, 'utf8');
    writeFileSync(file, '16\n');
    const error = await failure(acquire());
    expect(error.code).toBe('other-major');
    expect(error.message).toMatch(/is of PostgreSQL 16, the programs here are 18: .*pg_dump of 16/);
    writeFileSync(file, version);
  });

  it('touches no directory that holds something else', async () => {
    const directory = join(home, 'photos');
    mkdirSync(directory);
    writeFileSync(join(directory, 'cat.jpg'), '');
    const error = await failure(acquireEmbeddedPostgres({ dataDirectory: directory, owner: 'spec' }));
    expect(error.code).toBe('start-failed');
    expect(error.message).toContain('neither empty nor PostgreSQL data');
    expect(readdirSync(directory)).toEqual(['cat.jpg']);
  });

  it('says what to do when it may not use the place', async () => {
    const closed = join(home, 'closed');
    // Root may write anywhere, but the user that PostgreSQL runs as then may not enter; anybody else may not write.
    mkdirSync(closed, { mode: isRoot ? 0o700 : 0o500 });
    const error = await failure(
      acquireEmbeddedPostgres({ dataDirectory: join(closed, 'data'), owner: 'spec', fast: true }),
    );
    expect(error.code).toBe('permission');
    expect(error.message).toContain(isRoot ? `chmod o+x ${closed}` : closed);
  });
});
