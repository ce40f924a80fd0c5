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
