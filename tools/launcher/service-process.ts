import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '@signalpress/contracts';
import { serviceEnvironment, servicePort } from './environment.ts';
import type { RunSettings } from './environment.ts';
import { LaunchError } from './failure.ts';
import { workspaceRoot } from './workspace.ts';

/** How long a service may take from start to readiness. Generous: eight of them share two slow cores. */
const readyDeadlineMs = 120_000;
/** A service drains for at most 10 s by itself; after this it is ended. */
const stopDeadlineMs = 20_000;

/**
 * Eight services share one machine. Left alone, each lets the space of its young objects grow to 3 × 16 MiB, which loading
 * modules fills with garbage once and which is hardly given back; a service's own load is content with far less.
 */
const nodeOptions = ['--enable-source-maps', '--max-semi-space-size=2'];

/** What sets one process of a service apart from others. */
export interface ProcessOptions {
  readonly onLogLine?: (service: ServiceName, line: string) => void;
  /** Over everything else. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: the service's own port, moved by the run's offset. */
  readonly port?: number;
  /** Name of the log file; default: the service's. */
  readonly label?: string;
  /** Keeps what an earlier process has written to the log. */
  readonly appendLog?: boolean;
}

/** One service as a child process, with its log in a file and, when asked, on the terminal. */
export class ServiceProcess {
  readonly name: ServiceName;
  readonly url: string;
  readonly logFile: string;
  private readonly child: ChildProcess;
  private readonly exited: Promise<void>;
  private readonly closed: Promise<void>;
  private readonly said: Promise<unknown>;

  private constructor(name: ServiceName, url: string, child: ChildProcess, logFile: string) {
    this.name = name;
    this.url = url;
    this.child = child;
    this.logFile = logFile;
    this.exited = once(child, 'exit').then(() => undefined);
    this.closed = once(child, 'close').then(() => undefined);
    this.said = new Promise((resolve) => child.once('message', resolve));
  }

  static start(name: ServiceName, run: RunSettings, options: ProcessOptions = {}): ServiceProcess {
    const directory = path.join(run.dataDirectory, 'logs');
    mkdirSync(directory, { recursive: true });
    const logFile = path.join(directory, `${options.label ?? name}.log`);
    const port = options.port ?? servicePort(name, run.portOffset);
    const child = spawn(process.execPath, [...nodeOptions, 'dist/main.js'], {
      cwd: path.join(workspaceRoot, 'apps', name),
      env: { ...serviceEnvironment(name, run), ...options.environment, PORT: String(port) },
      // A session of its own: Ctrl-C reaches this tool alone, which then stops the services in order. When the tool dies
      // without a word, the IPC channel closes and the service shuts down by itself.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const log = createWriteStream(logFile, { flags: options.appendLog === true ? 'a' : 'w' });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null)
        forwardLines(stream, (line) => {
          log.write(`${line}\n`);
          options.onLogLine?.(name, line);
        });
    }
    child.once('close', () => log.end());
    return new ServiceProcess(name, `http://127.0.0.1:${port}`, child, logFile);
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Resolves when the service says so and `/health/ready` agrees. @throws LaunchError when it ends first or takes too long. */
  async ready(signal: AbortSignal): Promise<void> {
    const deadline = sleep(readyDeadlineMs, undefined, { ref: false });
    await Promise.race([this.said, this.exited, deadline, aborted(signal)]);
    while (!signal.aborted) {
      if (!this.running) {
        throw new LaunchError(`${this.name} ended while starting: ${this.lastWords()}`);
      }
      if (await answersReady(this.url)) return;
      const late = await Promise.race([deadline.then(() => true), sleep(100, false)]);
      if (late)
        throw new LaunchError(`${this.name} is not ready after ${readyDeadlineMs / 1_000} s; see ${this.logFile}`);
    }
  }

  /** Asks the service to stop, waits, and ends it by force when it does not. */
  async stop(): Promise<void> {
    if (!this.running) return;
    this.child.kill('SIGTERM');
    const stopped = await Promise.race([this.exited.then(() => true), sleep(stopDeadlineMs, false, { ref: false })]);
    if (!stopped) this.kill();
    await this.exited;
  }

  kill(): void {
    if (this.running) this.child.kill('SIGKILL');
  }

  /** Resolves when the process ends, whatever the reason. */
  get end(): Promise<void> {
    return this.exited;
  }

  /** How it ended, once everything that it said has been read. */
  async ending(): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    await this.closed;
    return { code: this.child.exitCode, signal: this.child.signalCode };
  }

  /** The last line on record, which for a refusal to start is the reason. */
  lastWords(): string {
    const lines = readFileSync(this.logFile, 'utf8')
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '');
    return lines.length === 0 ? 'it said nothing' : lines.slice(-12).join('\n');
  }
}

/** @throws LaunchError naming the first port that somebody else listens on. */
export async function assertPortsFree(names: readonly ServiceName[], portOffset: number): Promise<void> {
  for (const name of names) {
    const port = servicePort(name, portOffset);
    if (!(await isFree(port))) {
      throw new LaunchError(
        `port ${port} (${name}) is taken by another process; stop it, or add --port-offset 100 to use other ports`,
      );
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true });
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function answersReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function forwardLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
}
