import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { workspaceRoot } from './platform.js';

interface Rule {
  readonly file: string;
  readonly expr: string;
  readonly record?: string;
}

/** Names of metrics in PromQL. */
export function inPromql(expr: string): string[] {
  const bare = expr
    .replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, ' ')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  const words = bare.match(/[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])/g) ?? [];
  return words.filter((word) => !['and', 'or', 'unless', 'bool', 'offset'].includes(word));
}

/** A sample of a histogram stands for the histogram too, which texts speak of by its own name. */
export function familyOf(sample: string): string[] {
  return [sample, sample.replace(/_(?:bucket|sum|count)$/, '')];
}

/** Recording rules and alerts. */
export function rules(): Rule[] {
  return globSync('docker/prometheus/rules/*.yml', { cwd: workspaceRoot }).flatMap((file) => {
    const { groups } = parse(read(file)) as { groups: { rules: Omit<Rule, 'file'>[] }[] };
    return groups.flatMap((group) => group.rules.map((rule) => ({ ...rule, file })));
  });
}

export function recorded(): string[] {
  return rules().flatMap(({ record }) => record ?? []);
}

/** Metrics that a service has. A counter of what has never happened is not scraped yet, and neither is a gauge of nothing. */
export function defined(): string[] {
  const files = globSync('{apps,libs}/*/src/**/{*.metrics,semconv}.ts', { cwd: workspaceRoot });
  return files.flatMap((file) =>
    [...read(file).matchAll(/: '([a-z]+(?:_[a-z0-9]+)+)'/g)].map(([, name]) => String(name)),
  );
}

/** Words in texts for people that begin as our metrics do and end as metrics do. */
export function inDocs(known: readonly string[]): [name: string, file: string][] {
  const beginnings = new Set(known.map(beginningOf));
  const files = ['docs/monitoring.md', 'docs/runbooks/*.md', 'apps/*/README.md', 'libs/*/README.md'];
  return globSync(files, { cwd: workspaceRoot }).flatMap((file) => {
    const words = read(file).match(/(?<![\w:./-])[a-z]\w*[_:][\w:]*\w/g) ?? [];
    const looksLikeOne = /_(?:total|seconds|bytes|bucket|count|sum|ratio)$|:/;
    return words
      .filter((word) => beginnings.has(beginningOf(word)) && looksLikeOne.test(word))
      .map((word): [string, string] => [word, file]);
  });
}

const beginningOf = (name: string): string => name.split(/[_:]/)[0] ?? '';

const read = (file: string): string => readFileSync(path.join(workspaceRoot, file), 'utf8');
