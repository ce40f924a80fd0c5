import { services } from '@signalpress/contracts';
import { UsageError, readArguments, wholeNumber } from '../launcher/command-line.ts';

export const usage = `Lists, shows and replays what a service could not handle.

  npm run dead-letters -- list             --service <name> [--limit 50]
  npm run dead-letters -- show <id>        --service <name>
  npm run dead-letters -- replay <id>      --service <name>

  --service <name>  ${Object.keys(services)
    .filter((name) => name !== 'api-gateway')
    .join(', ')}
  --key <key>       admin key; asks the gateway. Without it the service itself is asked, on its local port.
  --url <url>       where to ask; default http://127.0.0.1:<port of the gateway or of the service>
  --limit <n>       how many to list, 1 to 200; default 50
  --json            prints the answer as it is
  --help
`;

export interface Options {
  readonly command: 'list' | 'show' | 'replay' | 'help';
  readonly id: string;
  /** Base of the dead letters, e.g. `http://127.0.0.1:8000/admin/scoring-engine/dead-letters`. */
  readonly endpoint: string;
  readonly key: string | undefined;
  readonly limit: number;
  readonly json: boolean;
}

const MOST = 200;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws UsageError */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const [command, id, ...rest] = positionals;
  const { key, json } = values;
  if (values.help) return { command: 'help', id: '', endpoint: '', key, limit: 0, json };
  if (command !== 'list' && command !== 'show' && command !== 'replay') {
    throw new UsageError(
      command === undefined ? 'say what to do: list, show or replay' : `unknown command: ${command}`,
    );
  }
  const stray = command === 'list' ? id : rest[0];
  if (stray !== undefined) throw new UsageError(`unexpected: ${stray}`);
  if (command !== 'list' && !ID.test(id ?? '')) {
    throw new UsageError(
      id === undefined ? `${command} needs the id of a dead letter; list shows them` : `not an id: ${id}`,
    );
  }
  return {
    command,
    id: id ?? '',
    endpoint: endpointOf(values),
    key,
    limit: wholeNumber('--limit', values.limit, [1, MOST]),
    json,
  };
}

function parse(args: readonly string[]) {
  return readArguments({
    args: [...args],
    allowPositionals: true,
    options: {
      service: { type: 'string' },
      url: { type: 'string' },
      key: { type: 'string' },
      limit: { type: 'string', default: '50' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}

function endpointOf({ service, url, key }: { service?: string; url?: string; key?: string }): string {
  const found = Object.entries(services).find(([name]) => name === service);
  if (service === undefined) throw new UsageError('say which service: --service <name>');
  if (found === undefined || service === 'api-gateway')
    throw new UsageError(`no service with dead letters: ${service}`);
  const port = key === undefined ? found[1].localPort : services['api-gateway'].localPort;
  const base = url ?? `http://127.0.0.1:${port}`;
  const parsed = URL.parse(base);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) throw new UsageError(`not an HTTP address: ${base}`);
  const path = key === undefined ? '/dead-letters' : `/admin/${service}/dead-letters`;
  return parsed.origin + parsed.pathname.replace(/\/$/, '') + path;
}
