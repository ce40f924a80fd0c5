import { execa } from 'execa';
import { workspaceRoot } from '../launcher/workspace.ts';

/** `npm run transport:cutover` as an operator types it: a process of its own, in a group of its own. */
export class CutoverCommand {
  readonly lines: string[] = [];
  private readonly run: ReturnType<typeof start>;
  private readonly listening: Promise<void>;
  private readonly waiting = new Set<() => void>();
  private over = false;

  /** @param stop ends it as Ctrl-C would */
  constructor(args: readonly string[], environment: Readonly<Record<string, string>>, stop: AbortSignal) {
    this.run = start(args, environment, stop);
    this.listening = this.listen();
  }

  /** Resolves with whether it said a line with this text, or ended before. */
  async said(text: string): Promise<boolean> {
    while (!this.lines.some((line) => line.includes(text))) {
      if (this.over) return false;
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
    return true;
  }

  /** Like a power cut. */
  kill(): void {
    if (!this.over && this.run.pid !== undefined) process.kill(-this.run.pid, 'SIGKILL');
  }

  /** Resolves with its exit code, undefined when a signal ended it. */
  async end(): Promise<number | undefined> {
    await this.listening;
    return (await this.run).exitCode;
  }

  private async listen(): Promise<void> {
    try {
      for await (const line of this.run.iterable({ from: 'all' })) {
        this.lines.push(line);
        this.tell();
      }
    } finally {
      this.over = true;
      this.tell();
    }
  }

  private tell(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

function start(args: readonly string[], environment: Readonly<Record<string, string>>, cancelSignal: AbortSignal) {
  return execa('npm', ['run', '--silent', 'transport:cutover', '--', ...args], {
    cwd: workspaceRoot,
    env: environment,
    stdin: 'ignore',
    all: true,
    reject: false,
    cancelSignal,
    // A kill is to reach all of it, npm and its child.
    detached: true,
    buffer: false,
  });
}
