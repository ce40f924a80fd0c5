import { serviceNames } from '@signalpress/contracts';
import { UsageError, readArguments, wholeNumber } from '../launcher/command-line.ts';

export const cutOverUsage = `Moves an installation from the log in PostgreSQL to Kafka while it runs.

  npm run transport:cutover -- [--drain-seconds 300] [--without <service>]
  npm run transport:cutover -- --abort

  --drain-seconds <n>  how long the services may take for the events in the log, 1 to 86400; default 300. When it is over, or
                       with Ctrl-C, the installation goes on with postgres
  --without <service>  does not wait for this service, which this installation does not run; may be given several times
  --abort              ends a cut-over whose process was killed in the middle: the installation goes on with postgres
  --help

Environment: DATABASE_URL (default: the embedded database of this checkout), KAFKA_BROKERS and the other KAFKA_* variables as
the services will have them. Afterwards restart every service with EVENT_TRANSPORT=kafka.
`;

export interface CutOverCommand {
  readonly command: 'cut-over' | 'abort' | 'help';
  readonly drainMs: number;
  /** Services that this installation does not run. */
  readonly without: readonly string[];
}

/** The services that handle events; the other two only emit. */
export const consumers: readonly string[] = serviceNames.filter(
  (name) => name !== 'api-gateway' && name !== 'signal-ingestion',
);

const MOST_SECONDS = 86_400;

/** @throws UsageError */
export function parseCutOver(args: readonly string[]): CutOverCommand {
  const { values } = parse(args);
  const seconds = wholeNumber('--drain-seconds', values['drain-seconds'], [1, MOST_SECONDS]);
  const unknown = values.without.find((name) => !consumers.includes(name));
  if (unknown !== undefined) throw new UsageError(`--without takes ${consumers.join(', ')}, not ${unknown}`);
  const command = values.abort ? 'abort' : 'cut-over';
  return { command: values.help ? 'help' : command, drainMs: seconds * 1_000, without: values.without };
}

function parse(args: readonly string[]) {
  return readArguments({
    args: [...args],
    options: {
      'drain-seconds': { type: 'string', default: '300' },
      without: { type: 'string', multiple: true, default: [] },
      abort: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}
