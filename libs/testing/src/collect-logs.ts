/** One log line, parsed. */
export type LogLine = Record<string, unknown>;

export interface LogCollection {
  /** A pino destination. */
  readonly stream: { write(line: string): void };
  /** Every line written so far. */
  lines(): LogLine[];
  /** Everything written so far as it was written, to prove that something is not in it. */
  text(): string;
  reset(): void;
}

/**
 * Keeps the log lines of a pino logger in memory.
 *
 * @throws SyntaxError from `lines()` when something wrote a line that is not JSON.
 */
export function collectLogs(): LogCollection {
  let chunks: string[] = [];
  const text = () => chunks.join('');
  return {
    stream: { write: (line) => void chunks.push(line) },
    lines: () =>
      text()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as LogLine),
    text,
    reset: () => {
      chunks = [];
    },
  };
}
