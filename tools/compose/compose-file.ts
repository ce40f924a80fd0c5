import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { workspaceRoot } from '../launcher/workspace.ts';

/** A service of docker-compose.yml, as far as these tools look at it. */
export interface ComposeService {
  readonly image?: string;
  readonly build?: { readonly args?: Readonly<Record<string, string | number>>; readonly dockerfile?: string };
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly secrets?: readonly string[];
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly pids_limit?: number;
  readonly mem_limit?: string;
  readonly cpus?: number;
  readonly healthcheck?: unknown;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
  readonly networks?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, unknown>>;
}

export const composeText = (name = 'docker-compose.yml'): string =>
  readFileSync(path.join(workspaceRoot, name), 'utf8');

/** With its merge keys resolved; variables stay as they are written. */
export const parseCompose = (text: string): ComposeFile => parse(text, { merge: true }) as ComposeFile;

const variable = /\$\{(?<name>[A-Z0-9_]+)(?::(?<kind>[-?])(?<rest>[^}]*))?\}/g;

/** Names of the variables that a text takes from `.env`. */
export const variablesOf = (text: string): string[] =>
  [...new Set([...text.matchAll(variable)].map((match) => match.groups?.['name'] ?? ''))].sort();

/**
 * Puts values in the place of variables as Compose does.
 * @throws Error that names a required variable which is not set
 */
export function interpolate(text: string, values: Readonly<Record<string, string>>): string {
  return text
    .replaceAll(variable, (whole: string, name: string, kind?: string, rest?: string) => {
      const value = values[name] ?? '';
      if (value !== '') return value;
      if (kind === '-') return rest ?? '';
      throw new Error(kind === '?' ? `${name}: ${rest ?? 'is not set'}` : `${name} is not set (${whole})`);
    })
    .replaceAll('$$', '$');
}

/** A parsed file with its values in place: Compose, too, parses before it fills in, so that an empty value is an empty string. */
export const filled = (file: ComposeFile, values: Readonly<Record<string, string>>): ComposeFile =>
  JSON.parse(JSON.stringify(file), (_, value: unknown) =>
    typeof value === 'string' ? interpolate(value, values) : value,
  ) as ComposeFile;

/** What `-f base -f override` makes of two files: lists of ports grow, mounts give way at the same place, all else is laid over. */
export function merged(base: ComposeFile, override: ComposeFile): ComposeFile {
  const services = laidOver(base.services, override.services) as Record<string, ComposeService>;
  for (const [name, over] of Object.entries(override.services)) {
    const { ports, volumes } = base.services[name] ?? {};
    services[name] = {
      ...services[name],
      ...(ports && over.ports ? { ports: [...ports, ...over.ports] } : {}),
      ...(volumes && over.volumes ? { volumes: mountedOver(volumes, over.volumes) } : {}),
    };
  }
  return { ...(laidOver(base, override) as ComposeFile), services };
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function laidOver(base: unknown, over: unknown): unknown {
  if (!isMap(base) || !isMap(over)) return over ?? base;
  const keys = [...new Set([...Object.keys(base), ...Object.keys(over)])];
  return Object.fromEntries(keys.map((key) => [key, laidOver(base[key], over[key])]));
}

const targetOf = (mount: string): string => mount.split(':')[1] ?? '';

function mountedOver(base: readonly string[], over: readonly string[]): string[] {
  const taken = new Set(over.map(targetOf));
  return [...base.filter((mount) => !taken.has(targetOf(mount))), ...over];
}
