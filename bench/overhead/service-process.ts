import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Pinning } from './pinning.ts';

export interface StartOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Modules that Node loads first. */
  readonly preload?: readonly string[];
  readonly pinning: Pinning | undefined;
}

const BOOT_DEADLINE_MS = 60_000;
const FINISH_DEADLINE_MS = 30_000;

/** Variables that would change what a variant does, whoever starts the benchmark. */
const FOREIGN = /^(?:OTEL_|SENTRY_|OBSERVE_|NODE_OPTIONS$|npm_)/;

/** One variant, running. Its standard output and error go to a file. */
export class ServiceProcess {
  readonly port: number;
  readonly bootSeconds: number;
  private readonly threads = new Map<string, number>();
  private readonly child: ChildProcess;
  private readonly directory: string;

  private constructor(child: ChildProcess, directory: string, port: number, bootSeconds: number) {
    this.child = child;
    this.directory = directory;
    this.port = port;
    this.bootSeconds = bootSeconds;
  }

  /** @throws Error with the end of its output, when it does not come up. */
  static async start(entry: string, options: StartOptions): Promise<ServiceProcess> {
    const directory = mkdtempSync(path.join(tmpdir(), 'overhead-'));
    const output = openSync(path.join(directory, 'output.log'), 'w');
    const began = performance.now();
    const pinned = options.pinning ? ['taskset', '-c', String(options.pinning.service)] : [];
    const imports = (options.preload ?? []).flatMap((file) => ['--import', file]);
    const child = spawn('env', [...pinned, process.execPath, ...imports, entry], {
      env: { ...withoutForeign(process.env), NODE_ENV: 'production', ...options.environment },
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    try {
      const ready = await answerOf(child, 'ready', BOOT_DEADLINE_MS);
      return new ServiceProcess(child, directory, Number(ready['port']), (performance.now() - began) / 1_000);
    } catch (error) {
      child.kill('SIGKILL');
      const said = readFileSync(path.join(directory, 'output.log'), 'utf8').slice(-2_000);
      rmSync(directory, { recursive: true, force: true });
      throw new Error(`${path.basename(entry)} did not start: ${said}`, { cause: error });
    }
  }

  /** CPU time of all its threads since it was started, in µs; a thread that ended counts with what was last seen of it. */
  cpuMicroseconds(): number {
    const directory = `/proc/${this.pid}/task`;
    for (const thread of readdirSync(directory)) {
      try {
        const nanoseconds = Number(readFileSync(`${directory}/${thread}/schedstat`, 'utf8').split(' ')[0]);
        this.threads.set(thread, nanoseconds);
      } catch {
        // It ended between the listing and the look.
      }
    }
    return [...this.threads.values()].reduce((sum, one) => sum + one, 0) / 1_000;
  }

  /** Resident memory in MB. */
  residentMegabytes(): number {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    return (Number(kilobytes) * 1_024) / 1e6;
  }

  /** Lines of its output with `text` in them. */
  linesWith(text: string): number {
    const output = readFileSync(path.join(this.directory, 'output.log'));
    let lines = 0;
    for (let at = output.indexOf(text); at >= 0; at = output.indexOf(text, at)) {
      lines += 1;
      at = output.indexOf(10, at);
      if (at < 0) break;
    }
    return lines;
  }

  /** Lets it close the application and send what it has queued; it stays, so that its counters can be read. */
  async finish(): Promise<void> {
    // An exporter's thread may end with it, and its time with the thread.
    const watching = setInterval(() => this.cpuMicroseconds(), 20);
    try {
      const { failure } = await this.ask('finish', 'finished');
      if (typeof failure === 'string') throw new Error(`could not finish: ${failure}`);
    } finally {
      clearInterval(watching);
    }
  }

  /** Sends a message and waits for the answer of this kind. */
  async ask(message: string, kind: string): Promise<Readonly<Record<string, unknown>>> {
    const answer = answerOf(this.child, kind, FINISH_DEADLINE_MS);
    this.child.send(message);
    return answer;
  }

  tell(message: string): void {
    this.child.send(message);
  }

  /** Ends it at once and removes its output. */
  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await exited;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  private get pid(): number {
    return this.child.pid ?? 0;
  }
}

function withoutForeign(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !FOREIGN.test(name)));
}

async function answerOf(child: ChildProcess, kind: string, withinMs: number): Promise<Record<string, unknown>> {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(new Error(`no "${kind}" within ${withinMs / 1_000} s`)), withinMs);
  const onExit = (): void => ended.abort(new Error(`it ended before it was "${kind}"`));
  child.once('exit', onExit);
  try {
    for (;;) {
      const [message] = (await once(child, 'message', { signal: ended.signal })) as [Record<string, unknown>];
      if (message['kind'] === kind) return message;
    }
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    clearTimeout(timer);
    child.off('exit', onExit);
  }
}
