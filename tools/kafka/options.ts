import path from 'node:path';
import { UsageError, readArguments } from '../launcher/command-line.ts';
import { defaultDataDirectory } from '../launcher/workspace.ts';

export const usage = `A real Apache Kafka on this machine, for development: KRaft, on 127.0.0.1 alone. Needs Java 17, and Maven the first time.

  node tools/kafka/main.ts start [--brokers 1|3]
  node tools/kafka/main.ts stop
  node tools/kafka/main.ts status

  --brokers <n>  1 (default), or 3, which replicate every topic; chosen at the first start in a directory
  --data <dir>   where data, ports and logs are kept; default .data/kafka
  --help
`;

export interface Options {
  readonly command: 'start' | 'stop' | 'status' | 'help';
  readonly dataDirectory: string;
  /** Undefined: as many as the directory has, else one. */
  readonly brokers: 1 | 3 | undefined;
}

/** @throws UsageError */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const dataDirectory = path.resolve(values.data ?? path.join(defaultDataDirectory, 'kafka'));
  const brokers = brokersOf(values.brokers);
  if (values.help) return { command: 'help', dataDirectory, brokers };
  const [command, stray] = positionals;
  if (command !== 'start' && command !== 'stop' && command !== 'status') {
    throw new UsageError(
      command === undefined ? 'say what to do: start, stop or status' : `unknown command: ${command}`,
    );
  }
  if (stray !== undefined) throw new UsageError(`unexpected: ${stray}`);
  return { command, dataDirectory, brokers };
}

function brokersOf(text: string | undefined): 1 | 3 | undefined {
  if (text === undefined) return undefined;
  if (text === '1') return 1;
  if (text === '3') return 3;
  throw new UsageError(`--brokers takes 1 or 3, not ${text}`);
}

function parse(args: readonly string[]) {
  return readArguments({
    args: [...args],
    allowPositionals: true,
    options: {
      brokers: { type: 'string' },
      data: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}
