import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exists } from './kafka.lock.js';
import { serverProperties } from './kafka.properties.js';
import type { BrokerPlace, ExtraProperties, KafkaUser } from './kafka.properties.js';

const STOP_MS = 15_000;

/** Small heaps: three brokers share a machine with the specs. */
const JVM_OPTIONS = ['-Xms64m', '-Xmx400m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dlog4j2.level=WARN'];

/**
 * Runs the command that follows and ends it when standard input ends: however the process that started it dies, no broker is
 * left behind. The first word is the file that gets the pid of the command.
 */
const GUARD = `exec 3<&0; file="$1"; shift
"$@" </dev/null 3<&- & child=$!
echo "$child" > "$file"
(cat <&3 >/dev/null; kill -9 "$child") 2>/dev/null & guard=$!
exec 3<&-
wait "$child"; status=$?
kill "$guard" 2>/dev/null
exit "$status"`;

export interface BrokerSettings {
  readonly place: BrokerPlace;
  readonly all: readonly BrokerPlace[];
  readonly jars: string;
  readonly clusterId: string;
  /** False: the broker outlives this process and is stopped by its pid. */
  readonly guarded: boolean;
  readonly properties: ExtraProperties | undefined;
  readonly scramUsers: readonly KafkaUser[];
}

/** One broker: a Java process that can be stopped, killed and started again on the same port with the same data. */
export class KafkaBroker {
  private child: ChildProcess | undefined;

  constructor(private readonly settings: BrokerSettings) {}

  get port(): number {
    return this.settings.place.port;
  }

  /** `host:port` for clients. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The process id of the running broker. */
  get pid(): number | undefined {
    const file = this.pidFile;
    if (!existsSync(file)) return undefined;
    const pid = Number(readFileSync(file, 'utf8'));
    // After a restart of the machine the number may be another process'.
    return pid > 0 && commandOf(pid).includes(this.propertiesFile) ? pid : undefined;
  }

  get logFile(): string {
    return join(this.directory, 'broker.log');
  }

  /** Starts the process; it answers a few seconds later. */
  start(): void {
    if (this.pid !== undefined) return;
    this.format();
    const log = openSync(this.logFile, 'a');
    const command = ['java', ...JVM_OPTIONS, '-cp', join(this.settings.jars, '*'), 'kafka.Kafka', this.propertiesFile];
    try {
      this.child = this.settings.guarded ? this.startGuarded(command, log) : this.startDetached(command, log);
    } finally {
      closeSync(log);
    }
  }

  /** Why the process ended, when it has; undefined while it runs. */
  failure(): string | undefined {
    const child = this.child;
    if (child === undefined || (child.exitCode === null && child.signalCode === null)) return undefined;
    const lines = readFileSync(this.logFile, 'utf8').trimEnd().split('\n');
    return lines.filter((line) => /error|exception|fatal/i.test(line)).at(0) ?? lines.at(-1) ?? 'it said nothing';
  }

  /** Ends the process: in order (SIGTERM, which moves leaders away), or like a power cut (SIGKILL). */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const pid = this.pid;
    if (pid !== undefined) {
      process.kill(pid, signal);
      if (!(await ended(pid, STOP_MS)) && exists(pid)) {
        process.kill(pid, 'SIGKILL');
        await ended(pid, STOP_MS);
      }
    }
    const child = this.child;
    this.child = undefined;
    if (child === undefined) return;
    child.stdin?.end();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  private startGuarded(command: readonly string[], log: number): ChildProcess {
    return spawn('sh', ['-c', GUARD, 'sh', this.pidFile, ...command], { stdio: ['pipe', log, log] });
  }

  private startDetached([program = '', ...rest]: readonly string[], log: number): ChildProcess {
    const child = spawn(program, rest, { stdio: ['ignore', log, log], detached: true });
    if (child.pid !== undefined) writeFileSync(this.pidFile, String(child.pid));
    child.unref();
    return child;
  }

  /** Writes the settings and, the first time, the identity of the cluster into the data directory. */
  private format(): void {
    const { place, all, jars, clusterId, properties, scramUsers } = this.settings;
    mkdirSync(this.directory, { recursive: true });
    writeFileSync(this.propertiesFile, serverProperties(place, all, properties?.(place)));
    if (existsSync(join(place.dataDirectory, 'meta.properties'))) return;
    const tool = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-cp', join(jars, '*'), 'kafka.tools.StorageTool'];
    const users = scramUsers.flatMap(({ name, password }) =>
      ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((form) => [
        '--add-scram',
        `${form}=[name="${name}",password="${password}"]`,
      ]),
    );
    const format = ['format', '-t', clusterId, '-c', this.propertiesFile, ...users];
    const run = spawnSync('java', [...tool, ...format], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`Kafka's storage could not be formatted: ${run.stderr || run.stdout}`);
  }

  private get directory(): string {
    return join(this.settings.place.dataDirectory, '..');
  }

  private get propertiesFile(): string {
    return join(this.directory, 'server.properties');
  }

  private get pidFile(): string {
    return join(this.directory, 'broker.pid');
  }
}

/** The command line of a process, '' when there is none. */
function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
  } catch {
    return '';
  }
}

async function ended(pid: number, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  while (exists(pid)) {
    if (performance.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}
