import path from 'node:path';
import { UsageError, readArguments, wholeNumber } from '../launcher/command-line.ts';
import { defaultDataDirectory } from '../launcher/workspace.ts';

export const usage = `Usage: npm start [-- options]

Starts the database and the eight services, takes in a feed, and shows what becomes of it.

  --feed <file or URL>   take this feed instead of the sample; may be given more than once
  --until-idle           stop everything and exit 0 once every item has an outcome
  --json                 with --until-idle: print one line of JSON with the outcome of every item
  --as-of <time>         start the services' clock at this instant, e.g. 2026-05-04T09:30:00Z
  --logs                 log lines to the terminal, each under its service's name, instead of to files alone
  --data-dir <folder>    where database, files, logs and keys are kept (default: .data)
  --port-offset <n>      add n to every port, to run beside another one
  --help                 this text
`;

/** Of the services, without an offset. */
const highestPort = 8_005;

export interface StartOptions {
  /** Files and URLs; empty means the project's own sample. */
  readonly feeds: readonly string[];
  readonly untilIdle: boolean;
  readonly json: boolean;
  readonly asOf?: string;
  readonly logs: boolean;
  readonly dataDirectory: string;
  readonly portOffset: number;
  readonly help: boolean;
}

/** @throws UsageError naming the option that is wrong and what it takes. */
export function parseOptions(args: readonly string[]): StartOptions {
  const values = parse(args);
  const json = values.json === true;
  const untilIdle = values['until-idle'] === true;
  if (json && !untilIdle) throw new UsageError('--json goes with --until-idle: it prints once, at the end');
  const asOf = values['as-of'];
  return {
    feeds: values.feed ?? [],
    untilIdle,
    json,
    ...(asOf === undefined ? {} : { asOf: instant(asOf) }),
    logs: values.logs === true,
    dataDirectory: path.resolve(values['data-dir'] ?? defaultDataDirectory),
    portOffset: wholeNumber('--port-offset', values['port-offset'] ?? '0', [0, 65_535 - highestPort]),
    help: values.help === true,
  };
}

function parse(args: readonly string[]) {
  return readArguments(
    {
      args: [...args],
      options: {
        feed: { type: 'string', multiple: true },
        'until-idle': { type: 'boolean' },
        json: { type: 'boolean' },
        'as-of': { type: 'string' },
        logs: { type: 'boolean' },
        'data-dir': { type: 'string' },
        'port-offset': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    },
    'npm start -- --help',
  ).values;
}

function instant(text: string): string {
  const date = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(date.getTime())) {
    throw new UsageError(`--as-of takes an instant like 2026-05-04T09:30:00Z, not "${text}"`);
  }
  return date.toISOString();
}
