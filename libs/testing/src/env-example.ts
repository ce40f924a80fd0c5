import { readFileSync } from 'node:fs';
import { isDeepStrictEqual, parseEnv } from 'node:util';

/** What the tool that starts a service gives it besides. */
const given = { DATABASE_URL: 'postgresql://signalpress@127.0.0.1:5432/signalpress' };

/** A variable at the beginning of a line, or commented out there. */
const variable = /^(?:# )?([A-Z][A-Z0-9_]*)=/gm;

/**
 * Holds a service's `.env.example` against what the service reads. `OTEL_*` is left out: observability reads it, and every
 * service documents it.
 *
 * @param file the `.env.example`
 * @param names the variables that the service reads
 * @param load reads variables as the service does; throws when they are wrong
 * @returns what is wrong, a line each: a variable that is missing, not read, or documented twice; a copy of the file that
 *   does not start the service; a value that is shown commented out and is not the default. Empty if all is well.
 */
export function envExampleProblems(
  file: URL,
  names: readonly string[],
  load: (variables: Record<string, string | undefined>) => Readonly<Record<string, unknown>>,
): string[] {
  const text = readFileSync(file, 'utf8');
  const documented = [...text.matchAll(variable)]
    .map(([, name = '']) => name)
    .filter((name) => !name.startsWith('OTEL_'));
  const problems = [
    ...names.filter((name) => !documented.includes(name)).map((name) => `${name} is read, but not documented`),
    ...documented.filter((name) => !names.includes(name)).map((name) => `${name} is documented, but not read`),
    ...documented.filter((name, index) => documented.indexOf(name) < index).map((name) => `${name} is there twice`),
  ];

  const copy = parseEnv(text);
  const shown = parseEnv(text.replaceAll(/^# (?=[A-Z][A-Z0-9_]*=)/gm, ''));
  const attempt = (what: string, variables: Record<string, string | undefined>) => {
    try {
      return load({ ...variables, ...given });
    } catch (error) {
      problems.push(`${what} does not start the service: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  attempt('A copy of the example', copy);
  const [withShown, defaults] = [attempt('A copy with all that is commented out', shown), attempt('Nothing', {})];
  if (withShown === undefined || defaults === undefined) return problems;
  const wrong = names.filter((name) => shown[name] && !isDeepStrictEqual(withShown[name], defaults[name]));
  return [...problems, ...wrong.map((name) => `${name}=${shown[name]} is shown, but is not the default`)];
}
