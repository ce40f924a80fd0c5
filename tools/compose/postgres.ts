import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { execa } from 'execa';
import { LaunchError } from '../launcher/failure.ts';
import { workspaceRoot } from '../launcher/workspace.ts';

const versions = '/usr/lib/postgresql';

/** Debian's PostgreSQL in TimescaleDB's place, made by the same script: docker/timescaledb/roles.sh. */
export class StandInDatabase {
  readonly port: number;
  private readonly directory: string;
  private readonly programs: string;
  private readonly uid: number;

  private constructor(directory: string, port: number, programs: string, uid: number) {
    this.directory = directory;
    this.port = port;
    this.programs = programs;
    this.uid = uid;
  }

  /** @throws LaunchError when there is no PostgreSQL, or no user for it */
  static async start(directory: string, passwords: Readonly<Record<string, string>>): Promise<StandInDatabase> {
    const [version] = existsSync(versions) ? readdirSync(versions).sort().reverse() : [];
    if (version === undefined)
      throw new LaunchError('there is no PostgreSQL here (Debian: apt-get install postgresql)');
    const { stdout } = await execa('id', ['-u', 'postgres']);
    const database = new StandInDatabase(
      directory,
      await freePort(),
      path.join(versions, version, 'bin'),
      Number(stdout),
    );
    mkdirSync(directory, { recursive: true });
    chownSync(directory, database.uid, -1);
    await database.run('initdb', [
      '-D',
      path.join(directory, 'data'),
      '--username=postgres',
      '--auth-local=trust',
      '--auth-host=scram-sha-256',
      '--no-sync',
    ]);
    const settings = `-p ${database.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${directory}`;
    const log = path.join(directory, 'log');
    await database.run('pg_ctl', ['-D', path.join(directory, 'data'), '-w', '-l', log, '-o', settings, 'start']);
    await database.psql('postgres', 'create database signalpress');
    await execa('sh', [path.join(workspaceRoot, 'docker/timescaledb/roles.sh')], {
      env: { ...passwords, PGHOST: directory, PGPORT: String(database.port) },
    });
    return database;
  }

  /** What a statement prints, bare. @throws Error with what the server has against it */
  async psql(name: string, statement: string, user = 'postgres'): Promise<string> {
    const at = ['--host', this.directory, '--port', String(this.port), '--username', user, '--dbname', name];
    const { stdout } = await execa('psql', [
      ...at,
      '--no-psqlrc',
      '--quiet',
      '--tuples-only',
      '--no-align',
      '-c',
      statement,
    ]);
    return stdout;
  }

  /** A dump of the database in the custom format. */
  async dump(file: string): Promise<void> {
    await execa('pg_dump', [...this.at(), '--format=custom', '--file', file, 'signalpress']);
  }

  /** Puts a dump into a database that is made for it, under the name of the one that it came from. */
  async restoreAs(file: string, lostName: string): Promise<void> {
    await this.psql('postgres', `alter database signalpress rename to ${lostName}`);
    await this.psql('postgres', 'create database signalpress owner signalpress');
    await execa('pg_restore', [...this.at(), '--exit-on-error', '--dbname', 'signalpress', file]);
  }

  async stop(): Promise<void> {
    await this.run('pg_ctl', ['-D', path.join(this.directory, 'data'), '-m', 'fast', 'stop']);
  }

  private at(): string[] {
    return ['--host', this.directory, '--port', String(this.port), '--username', 'postgres'];
  }

  /** As the owner of the data: the server refuses to run as root. */
  private async run(program: string, args: readonly string[]): Promise<void> {
    await execa(path.join(this.programs, program), args, {
      uid: this.uid,
      cwd: '/',
      stdio: 'ignore',
      env: { LC_ALL: 'C.UTF-8' },
    });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
