import { writeSync } from 'node:fs';

/** The longest that a line waits, in milliseconds. */
const FLUSH_AFTER_MS = 20;
/** What is as long as this, in characters, is written at once. */
const FLUSH_AT_LENGTH = 16_384;
/** What is kept, in bytes, while the other end of a full pipe does not read. Lines beyond it are dropped and counted. */
const KEEP_AT_MOST = 4_194_304;
/** Between two looks at a full pipe, and how long the end of the process waits for its reader in all (milliseconds). */
const RETRY_AFTER_MS = 20;
const LAST_WAIT_MS = 1_000;

/** pino's levels as numbers: from here on a line does not wait. */
const WARN = 40;

/** With this property a destination of pino's is told the level of each line before the line. */
const wantsMetadata = Symbol.for('pino.metadata');

/**
 * A destination for log lines. Lines of levels below warn are gathered and written together, after 20 ms or 16 KiB, whichever
 * comes first; a line at warn or above is written at once, with what waits before it. What waits is also written when the
 * process exits, for whatever reason that lets JavaScript run (not SIGKILL: at most 20 ms of lines are lost then).
 *
 * It never throws and never stops the process: when the other end is closed, lines are dropped; when it does not read, they are
 * kept up to a bound.
 */
export class LineBuffer {
  readonly [wantsMetadata] = true;
  /** Set by pino. */
  lastLevel = 0;
  private waiting = '';
  /** Written in part, or not at all: the pipe was full. */
  private rest: Buffer | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private dropped = 0;
  private readonly onExit = (): void => this.flushAndWait();

  constructor(private readonly descriptor: number) {}

  write(line: string): void {
    if (this.closed) return;
    if (this.waiting.length + (this.rest?.length ?? 0) > KEEP_AT_MOST) {
      this.dropped += 1;
      return;
    }
    this.waiting += line;
    if (this.lastLevel >= WARN || this.waiting.length >= FLUSH_AT_LENGTH) this.flush();
    else this.schedule(FLUSH_AFTER_MS);
  }

  /** Writes what waits, as far as the other end takes it now. */
  flush(): void {
    if (this.rest === undefined && this.waiting === '') return;
    if (this.writeOut()) this.unschedule();
    else this.schedule(RETRY_AFTER_MS);
  }

  /** As `flush`, and waits for a reader that is slow, but not for ever. Blocks the process: for its end only. */
  flushAndWait(): void {
    const until = performance.now() + LAST_WAIT_MS;
    const pause = new Int32Array(new SharedArrayBuffer(4));
    while (!this.writeOut() && performance.now() < until) Atomics.wait(pause, 0, 0, 5);
    this.unschedule();
  }

  /** Only while something waits is there a timer, and a listener of the process. */
  private schedule(delayMs: number): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.unschedule();
      this.flush();
    }, delayMs);
    this.timer.unref();
    process.on('exit', this.onExit);
  }

  private unschedule(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    process.removeListener('exit', this.onExit);
  }

  /** Whether all is written (or can never be). */
  private writeOut(): boolean {
    if (this.rest === undefined && this.waiting === '') return true;
    const fresh = Buffer.from(this.waiting);
    let bytes = this.rest === undefined ? fresh : Buffer.concat([this.rest, fresh]);
    this.waiting = '';
    this.rest = undefined;
    try {
      while (bytes.length > 0) bytes = bytes.subarray(writeSync(this.descriptor, bytes));
    } catch (error) {
      return this.failed(error, bytes);
    }
    this.tellDropped();
    return true;
  }

  private failed(error: unknown, bytes: Buffer): boolean {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EAGAIN' || code === 'EBUSY') {
      this.rest = bytes;
      return false;
    }
    // A full disk may get room again; a reader that went away does not come back.
    if (code === 'EPIPE' || code === 'EBADF') this.closed = true;
    return true;
  }

  private tellDropped(): void {
    if (this.dropped === 0) return;
    const line = { level: 'warn', time: new Date().toISOString(), msg: 'log lines were dropped', lines: this.dropped };
    this.dropped = 0;
    this.waiting += `${JSON.stringify(line)}\n`;
    this.schedule(FLUSH_AFTER_MS);
  }
}

/** Several loggers of one process write to one buffer, so that their lines keep their order. */
const ofProcess = new WeakMap<NodeJS.Process, LineBuffer>();

/** The standard output of this process. */
export function standardOutput(): LineBuffer {
  const present = ofProcess.get(process);
  if (present !== undefined) return present;
  // Node opens a pipe without blocking when it makes its stream of it: from then on a full pipe says so instead of stopping us.
  const created = new LineBuffer(process.stdout.fd);
  ofProcess.set(process, created);
  return created;
}
