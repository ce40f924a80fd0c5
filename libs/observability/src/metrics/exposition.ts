import type { Registry } from 'prom-client';

export type ExpositionFormat = 'prometheus' | 'openmetrics';

export const contentTypes: Readonly<Record<ExpositionFormat, string>> = Object.freeze({
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
});

/** OpenMetrics only for those who ask for it; it is the format that can carry exemplars. */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  return accept?.includes('application/openmetrics-text') ? 'openmetrics' : 'prometheus';
}

interface Exemplar {
  readonly labelSet: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly timestamp?: number;
}

interface Sample {
  readonly labels?: Readonly<Record<string, string | number | undefined>>;
  readonly value: number;
  readonly metricName?: string;
  readonly exemplar?: Exemplar | null;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values?: readonly Sample[];
}

/**
 * Writes a registry in either format. prom-client's own OpenMetrics output renames counters in place, so that later plain-text
 * answers lose their `_total`: one process that serves both needs its own writer.
 */
export async function writeExposition(registry: Registry, format: ExpositionFormat): Promise<string> {
  // prom-client's types know nothing of exemplars and give the type as a number; at run time it is the word.
  const families = (await registry.getMetricsAsJSON()) as readonly object[] as readonly Family[];
  const lines: string[] = [];
  for (const family of families) writeFamily(family, format, lines);
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

function writeFamily(family: Family, format: ExpositionFormat, lines: string[]): void {
  const open = format === 'openmetrics';
  const counter = family.type === 'counter';
  const familyName = open && counter ? family.name.replace(/_total$/, '') : family.name;
  lines.push(`# HELP ${familyName} ${escapeHelp(family.help, open)}`, `# TYPE ${familyName} ${family.type}`);
  for (const sample of family.values ?? []) {
    const name = open && counter ? `${familyName}_total` : (sample.metricName ?? family.name);
    const exemplar = open && sample.exemplar ? exemplarText(sample.exemplar) : '';
    lines.push(`${name}${labelText(sample.labels ?? {})} ${numberText(sample.value)}${exemplar}`);
  }
}

function exemplarText(exemplar: Exemplar): string {
  const timestamp = exemplar.timestamp === undefined ? '' : ` ${exemplar.timestamp}`;
  return ` # ${labelText(exemplar.labelSet) || '{}'} ${numberText(exemplar.value)}${timestamp}`;
}

function labelText(labels: Readonly<Record<string, string | number | undefined>>): string {
  const parts = Object.entries(labels)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}="${escapeLabel(String(value))}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

function escapeHelp(text: string, open: boolean): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return open ? escaped.replaceAll('"', '\\"') : escaped;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
