import { documentedValues } from './documented-values.ts';

const begin = '<!-- values: made by `npm run helm:check -- --update` -->';
const end = '<!-- /values -->';

/** @returns the README with the table of all values between its two marks. The eight services share their rows. */
export function withValuesTable(readme: string, valuesText: string, values: unknown): string {
  const [before, rest = ''] = readme.split(begin);
  const [, after] = rest.split(end);
  if (before === undefined || after === undefined) throw new Error(`the README has no ${begin} … ${end}`);
  return `${before}${begin}\n\n${table(valuesText, values).join('\n')}\n\n${end}${after}`;
}

function table(valuesText: string, values: unknown): string[] {
  const rows = new Map<string, { comment: string; defaults: Set<string> }>();
  for (const { path, comment } of documentedValues(valuesText)) {
    const shared = path[0] === 'services' && path[2] !== 'env' ? ['services', '<service>', ...path.slice(2)] : path;
    const name = shared.join('.');
    const row = rows.get(name) ?? { comment, defaults: new Set<string>() };
    row.defaults.add(JSON.stringify(valueAt(values, path)));
    rows.set(name, row);
  }
  return [
    '| value | default | what it does |',
    '| --- | --- | --- |',
    ...[...rows].map(([name, { comment, defaults }]) => {
      const shown = defaults.size === 1 ? `\`${[...defaults].join('')}\`` : 'differs, see values.yaml';
      return `| \`${name}\` | ${shown} | ${comment.replaceAll('|', '\\|').replaceAll('<', '\\<')} |`;
    }),
  ];
}

function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (value as Readonly<Record<string, unknown>> | undefined)?.[part],
    values,
  );
}
