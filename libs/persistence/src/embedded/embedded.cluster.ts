import { chown, mkdir, readdir, readFile, rename, rm, rmdir, stat, truncate, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from './embedded.account.js';
import type { Binaries } from './embedded.binaries.js';
import { diskFull, EmbeddedPostgresError, fileError } from './embedded.errors.js';
import { pidExists, programOf } from './embedded.processes.js';
import { reasonIn, runProgram } from './embedded.programs.js';

/** A write that was cut short tells a full disk without its error number. */
const DISK_FULL = /No space left on device|Disk quota exceeded|wrote only \d+ of \d+ bytes|Check free disk space/i;
export const SUPERUSER = 'postgres';
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
const SECONDS_TO_START = 60;
const SECONDS_TO_STOP = 60;

export interface StartSettings {
  readonly port: number;
  readonly fast: boolean;
  readonly maxConnections: number;
}

/** A running postmaster as its pid file tells. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

/** `still-ending`: the server was killed and what is left of it is going away; try again. */
export type StartResult = 'started' | 'port-taken' | 'still-ending';

/** One data directory and PostgreSQL's programs on it. Nothing here locks: the caller holds the server's lock. */
export class Cluster {
  readonly log: string;

  constructor(
    private readonly directory: string,
    private readonly binaries: Binaries,
    private readonly account: Account | undefined,
  ) {
    this.log = join(directory, 'server.log');
  }

  /**
   * The major version of the data, undefined when there is none yet.
   * @throws EmbeddedPostgresError if something else is in the directory, or the data belongs to somebody else
   */
  async dataMajor(): Promise<string | undefined> {
    const entries = await readdir(this.directory).catch((): string[] => []);
    if (entries.length === 0) return undefined;
    const owner = (await stat(this.directory)).uid;
    const me = process.getuid?.();
    if (me !== undefined && me !== 0 && owner !== me) {
      throw new EmbeddedPostgresError(
        'permission',
        `The data in ${this.directory} belongs to the user with id ${owner}: run as that user, or remove the directory to start empty`,
      );
    }
    if (!entries.includes('PG_VERSION')) {
      throw new EmbeddedPostgresError(
        'start-failed',
        `${this.directory} is neither empty nor PostgreSQL data: choose another data directory`,
      );
    }
    return (await readFile(join(this.directory, 'PG_VERSION'), 'utf8')).trim();
  }

  /** The major version of the programs. */
  async programMajor(): Promise<string> {
    const { ok, output } = await runProgram(this.binaries.postgres, ['--version'], this.account);
    const major = /\(PostgreSQL\) (\d+)/.exec(output)?.[1];
    if (ok && major !== undefined) return major;
    throw new EmbeddedPostgresError(
      'start-failed',
      `PostgreSQL's programs do not run here (${reasonIn(output)}): run npm rebuild, and look at ${this.binaries.postgres}`,
    );
  }

  /**
   * Makes the data beside its place and moves it there when it is complete, so that a crash leaves no half-made data. With
   * `fast` nothing is forced to disk.
   */
  async initialise(password: string, fast: boolean): Promise<void> {
    const draft = `${this.directory}.init`;
    const passwordFile = `${this.directory}.init-password`;
    try {
      await rm(draft, { recursive: true, force: true });
      await mkdir(draft, { mode: 0o700 });
      await writeFile(passwordFile, password, { mode: 0o600 });
      if (this.account !== undefined) {
        await chown(draft, this.account.uid, this.account.gid);
        await chown(passwordFile, this.account.uid, this.account.gid);
      }
      const { ok, output } = await runProgram(
        this.binaries.initdb,
        initArguments(draft, passwordFile, fast),
        this.account,
      );
      if (!ok) throw this.explain(output, 'PostgreSQL cannot make its data');
      await rmdir(this.directory).catch(() => undefined);
      await rename(draft, this.directory);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      throw fileError(error, this.directory);
    } finally {
      await rm(passwordFile, { force: true });
    }
  }

  /** The server on this data, as far as its pid file tells; a pid that another program has now is no server. */
  async postmaster(): Promise<Postmaster | undefined> {
    const file = join(this.directory, 'postmaster.pid');
    const text = await readFile(file, 'utf8').catch(() => '');
    const [pid, , , port] = text.split('\n').map(Number);
    if (pid === undefined || !(pid > 0) || !pidExists(pid)) return undefined;
    const program = programOf(pid);
    if (program === '' || program.includes('postgres')) return { pid, port: port ?? 0 };
    // After kill -9 and a reboot the pid can be anybody's, and PostgreSQL would take it for a running server.
    await rm(file, { force: true });
    return undefined;
  }

  /** pg_ctl puts the server in a session of its own: it outlives whoever started it, Ctrl-C included. */
  async start(settings: StartSettings): Promise<StartResult> {
    await this.boundLog();
    const logged = (await stat(this.log).catch(() => undefined))?.size ?? 0;
    const { ok, output } = await runProgram(
      this.binaries.pgCtl,
      ['start', '-D', this.directory, '-w', '-t', `${SECONDS_TO_START}`, '-l', this.log, '-o', serverOptions(settings)],
      this.account,
    );
    if (ok) return 'started';
    const log = (await readFile(this.log).catch(() => Buffer.alloc(0))).subarray(logged).toString('utf8');
    if (/could not (bind|create any TCP)/.test(log)) return 'port-taken';
    if (log.includes('shared memory block')) return 'still-ending';
    if (log.includes('lock file "postmaster.pid" already exists')) {
      // It ended but nobody waited for it, so its pid is still in use. Its sessions, if any, are found by their memory.
      await rm(join(this.directory, 'postmaster.pid'), { force: true });
      return 'still-ending';
    }
    throw this.explain(log.trim() === '' ? output : log, 'PostgreSQL does not start');
  }

  /** Fast shutdown: sessions are ended, transactions rolled back, everything written. */
  async stop(): Promise<void> {
    const { ok, output } = await runProgram(
      this.binaries.pgCtl,
      ['stop', '-D', this.directory, '-m', 'fast', '-w', '-t', `${SECONDS_TO_STOP}`],
      this.account,
    );
    if (!ok && (await this.postmaster()) !== undefined) throw this.explain(output, 'PostgreSQL does not stop');
  }

  private async boundLog(): Promise<void> {
    const size = (await stat(this.log).catch(() => undefined))?.size ?? 0;
    if (size > LOG_LIMIT_BYTES) await truncate(this.log);
  }

  private explain(output: string, what: string): EmbeddedPostgresError {
    if (DISK_FULL.test(output)) return diskFull(this.directory, output);
    const reason = reasonIn(output);
    if (/Permission denied|wrong ownership|invalid permissions|Operation not permitted/i.test(output)) {
      const user = this.account === undefined ? 'this user' : `the user ${this.account.name}`;
      return new EmbeddedPostgresError(
        'permission',
        `${what} as ${user} (${reason}): let that user own and reach ${this.directory}`,
      );
    }
    const more = existsSync(this.log) ? ` (more in ${this.log})` : '';
    return new EmbeddedPostgresError('start-failed', `${what}: ${reason}${more}`);
  }
}

function initArguments(directory: string, passwordFile: string, fast: boolean): string[] {
  return [
    `--pgdata=${directory}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // PostgreSQL's own locale sorts the same on every machine.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(fast ? ['--no-sync'] : []),
  ];
}

/** One string, split by a shell; everything in it is ours. */
function serverOptions({ port, fast, maxConnections }: StartSettings): string {
  const settings = [
    'listen_addresses=127.0.0.1',
    // No unix socket: the path of a checkout is easily longer than a socket's may be.
    "unix_socket_directories=''",
    `max_connections=${maxConnections}`,
    'timezone=UTC',
    'log_timezone=UTC',
    'log_checkpoints=off',
    ...(fast
      ? [
          'fsync=off',
          'full_page_writes=off',
          'synchronous_commit=off',
          'wal_level=minimal',
          'max_wal_senders=0',
          'jit=off',
        ]
      : []),
  ];
  return [`-p ${port}`, ...settings.map((setting) => `-c ${setting}`)].join(' ');
}
