import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { semconv } from '@signalpress/observability';
import type { MetricDefinition } from '@signalpress/observability';
import { workspaceRoot } from './launcher/workspace.ts';

/** Every label of every metric, each with few values: a topic, a name in our code, an enumeration. Never an id, a path, a text of a person. */
const boundedLabels = [
  ...Object.values(semconv.labelNames),
  ...['action', 'applied', 'condition', 'count', 'decision', 'duplicate', 'input', 'marketplace', 'partition'],
  ...['problem', 'result', 'revision', 'rule', 'sla', 'step', 'target', 'template', 'upstream'],
];

/** Histograms of what has no unit. */
const withoutUnit = ['scoring_idea_score', 'scoring_idea_signals'];

const units = ['seconds', 'bytes', 'ratio'];
const wrongUnits = /_(?:ms|milliseconds|micros|nanos|minutes|hours|days|kb|kilobytes|mb|megabytes|percent)(?:_total)?$/;

const sources = globSync('{apps,libs}/*/src/**/*.ts', { cwd: workspaceRoot }).filter(
  (file) => !file.endsWith('.spec.ts') && !file.endsWith('.d.ts'),
);
const metricFiles = sources.filter((file) => file.endsWith('.metrics.ts')).sort();

interface Found {
  readonly file: string;
  readonly definition: MetricDefinition;
}

let found: Found[];

beforeAll(async () => {
  found = [];
  for (const file of metricFiles) {
    const exported = (await import(path.join(workspaceRoot, file))) as Record<string, unknown>;
    for (const value of Object.values(exported)) if (isDefinition(value)) found.push({ file, definition: value });
  }
});

function isDefinition(value: unknown): value is MetricDefinition {
  return typeof value === 'object' && value !== null && 'name' in value && 'help' in value && 'labels' in value;
}

/** The names that do not hold to a rule. */
const breaking = (rule: (definition: MetricDefinition) => boolean): string[] =>
  found.filter(({ definition }) => !rule(definition)).map(({ file, definition }) => `${definition.name} (${file})`);

describe('the metrics of all services and libraries', () => {
  it('are these: dashboards and alerts use their names', () => {
    expect(found.length).toBeGreaterThan(30);
    const lines = found.map(({ definition: { name, type, labels } }) => `${name}{${labels.join(',')}} ${type}`);
    expect([...lines, ...Object.values(semconv.metricNames)].sort()).toMatchSnapshot();
  });

  it('have one definition each', () => {
    const names = [...found.map(({ definition }) => definition.name), ...Object.values(semconv.metricNames)];
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('are defined in *.metrics.ts; those of the library itself are named in its semconv.ts', () => {
    const elsewhere = sources.filter((file) => {
      if (file.endsWith('.metrics.ts') || file.endsWith('observability/src/metrics/definitions.ts')) return false;
      const text = readFileSync(path.join(workspaceRoot, file), 'utf8');
      const definitions = [...text.matchAll(/(?:counter|gauge|histogram)Definition\(\{\s*name: (\S+)/g)];
      return definitions.some(
        ([, name]) => !(file.startsWith('libs/observability/') && name?.startsWith('metricNames.')),
      );
    });
    expect(elsewhere).toEqual([]);
  });

  it('say what they are', () => {
    expect(breaking(({ help }) => help.trim().length >= 10)).toEqual([]);
  });

  it('carry their unit, a base unit, at the end, and nothing that a sample would end in', () => {
    expect(breaking(({ name }) => !wrongUnits.test(name))).toEqual([]);
    expect(breaking(({ name, type }) => (type === 'counter') === name.endsWith('_total'))).toEqual([]);
    expect(breaking(({ name }) => !/_(?:bucket|sum|count|created|info)$/.test(name))).toEqual([]);
    expect(
      breaking(
        ({ name, type }) =>
          type !== 'histogram' || units.some((unit) => name.endsWith(`_${unit}`)) || withoutUnit.includes(name),
      ),
    ).toEqual([]);
    expect(
      breaking(({ name, help }) => !/\b(?:seconds|bytes)\b/i.test(help) || /_(?:seconds|bytes)$/.test(name)),
    ).toEqual([]);
    const ofTheLibrary = Object.values(semconv.metricNames);
    expect(ofTheLibrary.filter((name) => wrongUnits.test(name))).toEqual([]);
  });

  it('have labels that are known to be bounded', () => {
    expect(breaking(({ labels }) => labels.every((label) => boundedLabels.includes(label)))).toEqual([]);
    expect(boundedLabels.filter((label) => /(?:^|_)(?:id|uuid|path|url|email|user|trace)$/.test(label))).toEqual([]);
  });

  it('have buckets that end above what they start with by enough to tell good from bad', () => {
    expect(
      breaking((definition) => {
        if (definition.type !== 'histogram') return true;
        const { buckets } = definition;
        return buckets.length >= 5 && buckets.length <= 16 && (buckets.at(-1) ?? 0) >= 10 * (buckets[0] ?? 0);
      }),
    ).toEqual([]);
  });
});
