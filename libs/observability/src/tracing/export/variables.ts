/** Beyond this, timers of Node fire at once. */
const MAX_INTEGER = 0x7fffffff;

/** The variables of a process. */
export type Source = Readonly<Record<string, string | undefined>>;

/** One line that names the variable which cannot be used. */
export class TracingEnvironmentError extends Error {
  constructor(
    readonly variable: string,
    problem: string,
  ) {
    super(`${variable} ${problem}`);
    this.name = 'TracingEnvironmentError';
  }
}

/** The trimmed value; empty means unset. */
export function read(source: Source, variable: string): string | undefined {
  const value = source[variable]?.trim();
  return value === '' ? undefined : value;
}

/** The first of several variables that is set, and its value. */
export function readFirst(
  source: Source,
  variables: readonly string[],
): { readonly variable: string; readonly value: string } | undefined {
  for (const variable of variables) {
    const value = read(source, variable);
    if (value !== undefined) return { variable, value };
  }
  return undefined;
}

/** @throws TracingEnvironmentError unless the value is `true`, `false` (in any case) or unset. */
export function readBoolean(source: Source, variable: string): boolean {
  const value = read(source, variable)?.toLowerCase();
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  throw new TracingEnvironmentError(variable, `must be "true" or "false", not "${shown(value)}"`);
}

/** @throws TracingEnvironmentError unless the value is a whole number of at least `min`, or unset. */
export function readInteger(source: Source, variable: string, min: number): number | undefined {
  const value = read(source, variable);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= MAX_INTEGER) return number;
  throw new TracingEnvironmentError(
    variable,
    `must be a whole number between ${min} and ${MAX_INTEGER}, not "${shown(value)}"`,
  );
}

/** @throws TracingEnvironmentError unless the value is one of `choices`, or unset. */
export function readChoice<C extends string>(source: Source, variable: string, choices: readonly C[]): C | undefined {
  const value = read(source, variable);
  return value === undefined ? undefined : chosen(variable, value, choices);
}

/** A list with commas between. @throws TracingEnvironmentError unless each entry is one of `choices`. */
export function readChoices<C extends string>(
  source: Source,
  variable: string,
  choices: readonly C[],
): C[] | undefined {
  const entries = read(source, variable)
    ?.split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (!entries || entries.length === 0) return undefined;
  return [...new Set(entries.map((entry) => chosen(variable, entry, choices)))];
}

function chosen<C extends string>(variable: string, value: string, choices: readonly C[]): C {
  const choice = choices.find((known) => known === value);
  if (choice !== undefined) return choice;
  const known = choices.map((name) => `"${name}"`);
  const last = known.pop() ?? '';
  const list = known.length === 0 ? last : `${known.join(', ')} or ${last}`;
  throw new TracingEnvironmentError(variable, `must be ${list}, not "${shown(value)}"`);
}

/** A wrong value may be a secret in the wrong place: what is shown has neither user nor password, and an end. */
export function shown(value: string): string {
  return value.replace(/\/\/[^/@]{0,512}@/, '//').slice(0, 100);
}
