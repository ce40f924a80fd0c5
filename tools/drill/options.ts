import { UsageError, readArguments, wholeNumber } from '../launcher/command-line.ts';

export const drillNames = ['kill', 'failpoints', 'outages', 'marketplace', 'poison', 'rolling', 'cutover'] as const;
export type DrillName = (typeof drillNames)[number];
export type TransportName = 'postgres' | 'kafka';

/** One drill on the transport that it begins with. */
export interface DrillRun {
  readonly name: DrillName;
  readonly transport: TransportName;
}

export const usage = `Usage: npm run drill -- <name>... | all [options]

Runs the eight services under a steady load of simulated signals, does them harm, and checks that nothing was lost or doubled.
Names: ${drillNames.join(', ')}

  --short                    the short form, for every change; default: the long form
  --transport <name>         postgres (default), kafka, or both; cutover begins on postgres and ends on kafka, so it runs with
                             postgres and both
  --seed <n>                 what chance is drawn from (default 1)
  --json                     print a line of JSON for each drill instead of a sentence
  --port-offset <n>          added to every port (default 20000)
  --keep                     leave database, logs and files where they are, and say where
  --help                     this text
`;

export interface DrillOptions {
  readonly runs: readonly DrillRun[];
  readonly short: boolean;
  readonly seed: number;
  readonly json: boolean;
  readonly portOffset: number;
  readonly keep: boolean;
  readonly help: boolean;
}

/** @throws UsageError naming the argument that is wrong and what it takes. */
export function parseOptions(args: readonly string[]): DrillOptions {
  const { values, positionals } = parse(args);
  const help = values.help === true;
  return {
    runs: help ? [] : runsOf(namesOf(positionals), transportsOf(values.transport ?? 'postgres')),
    short: values.short === true,
    seed: wholeNumber('--seed', values.seed ?? '1', [0, 2 ** 32 - 1]),
    json: values.json === true,
    // Instances and balancers stand 1000 and 2000 above.
    portOffset: wholeNumber('--port-offset', values['port-offset'] ?? '20000', [0, 55_000]),
    keep: values.keep === true,
    help,
  };
}

function parse(args: readonly string[]) {
  return readArguments(
    {
      args: [...args],
      allowPositionals: true,
      options: {
        short: { type: 'boolean' },
        transport: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'boolean' },
        'port-offset': { type: 'string' },
        keep: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    },
    'npm run drill -- --help',
  );
}

function namesOf(positionals: readonly string[]): DrillName[] {
  if (positionals.includes('all')) return [...drillNames];
  const unknown = positionals.find((name) => !isDrillName(name));
  if (unknown !== undefined || positionals.length === 0) {
    throw new UsageError(
      `${unknown === undefined ? 'name a drill' : `there is no drill ${unknown}`}: ${drillNames.join(', ')} or all`,
    );
  }
  return positionals.filter(isDrillName);
}

const isDrillName = (name: string): name is DrillName => drillNames.some((known) => known === name);

function transportsOf(text: string): TransportName[] {
  if (text === 'both') return ['postgres', 'kafka'];
  if (text === 'postgres' || text === 'kafka') return [text];
  throw new UsageError(`--transport takes postgres, kafka or both, not "${text}"`);
}

/** The cut-over has both transports in one run, and runs with the one that it begins on. */
function runsOf(names: readonly DrillName[], transports: readonly TransportName[]): DrillRun[] {
  const runs = transports.flatMap((transport) => names.map((name) => ({ name, transport })));
  const possible = runs.filter(({ name, transport }) => name !== 'cutover' || transport === 'postgres');
  if (possible.length === 0)
    throw new UsageError('cutover begins on postgres and ends on kafka: leave out --transport');
  return possible;
}
