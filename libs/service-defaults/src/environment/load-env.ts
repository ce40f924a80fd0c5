import { z } from 'zod';
import { databaseEnv } from './base-env.js';
import type { DatabaseEnv } from './base-env.js';
import { EnvironmentError } from './environment.errors.js';
import type { EnvironmentProblem } from './environment.errors.js';

/** Names of variables whose values must not be repeated in an error: URLs may carry a password. */
const secretName = /TOKEN|KEY|SECRET|PASSWORD|CREDENTIAL|DSN|URL|SHA256/;
const shownLength = 60;

/**
 * Reads the variables that the schema names; an empty value counts as unset.
 *
 * @returns the typed values, frozen.
 * @throws EnvironmentError that lists all problems at once, by variable.
 */
export function loadEnv<S extends z.ZodObject>(
  schema: S,
  source: Record<string, string | undefined>,
): Readonly<z.output<S>> {
  const given: Record<string, string> = {};
  for (const variable of Object.keys(schema.shape)) {
    const value = source[variable];
    if (value !== undefined && value.trim() !== '') given[variable] = value.trim();
  }
  const result = schema.safeParse(given);
  if (result.success) return Object.freeze(result.data);

  const messages = new Map<string, string[]>();
  for (const issue of result.error.issues) {
    const variable = String(issue.path[0] ?? 'environment');
    const value = given[variable];
    const message = value === undefined && issue.code === 'invalid_type' ? 'is not set' : issue.message;
    messages.set(variable, [...(messages.get(variable) ?? []), message]);
  }
  const problems: EnvironmentProblem[] = [...messages].map(([variable, texts]) => ({
    variable,
    message: [...new Set(texts)].join('; ') + shown(variable, given[variable]),
  }));
  throw new EnvironmentError(problems);
}

/** What a service reads that is run for its migrations alone. @throws EnvironmentError */
export const loadDatabaseEnv = (source: Record<string, string | undefined>): DatabaseEnv =>
  loadEnv(z.object(databaseEnv), source);

function shown(variable: string, value: string | undefined): string {
  if (value === undefined || secretName.test(variable)) return '';
  return ` (it is ${JSON.stringify(value.length > shownLength ? `${value.slice(0, shownLength)}…` : value)})`;
}
