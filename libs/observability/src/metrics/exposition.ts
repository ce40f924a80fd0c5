import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { labelText } from './series-table.js';
import type { Exemplar, SeriesTable } from './series-table.js';

export type ExpositionFormat = 'prometheus' | 'openmetrics';

export const contentTypes: Readonly<Record<ExpositionFormat, string>> = Object.freeze({
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
});

/** What is written before the event loop gets its turn: well below a millisecond of work. */
const CHUNK_CHARACTERS = 32_768;

interface FamilyHead {
  readonly name: string;
  readonly help: string;
  readonly type: string;
}

/** One metric of ours. */
export interface Family extends FamilyHead {
  /** Of a histogram. */
  readonly buckets?: readonly number[];
  /** The series at the time of the scrape; undefined when they could not be read. */
  read(): SeriesTable | Promise<SeriesTable | undefined>;
}

/** One sample of a metric that prom-client keeps. */
interface PromSample {
  readonly labels?: Readonly<Record<string, string | number | undefined>>;
  readonly value: number;
  readonly metricName?: string;
}

/**
 * The text of our own metrics and of those that a prom-client registry holds, in pieces; between two pieces the event loop turns.
 * The samples of one metric are of one moment. (prom-client's own writer makes the whole text in one go, and its OpenMetrics
 * renames counters in place, so that later plain-text answers lose their `_total`.)
 */
export async function* writeExposition(
  families: Iterable<Family>,
  registry: Registry,
  format: ExpositionFormat,
): AsyncGenerator<string, void, undefined> {
  let pieces: string[] = [];
  let length = 0;
  for await (const family of readAll(families, registry)) {
    for (const piece of family(format)) {
      pieces.push(piece);
      length += piece.length;
      if (length < CHUNK_CHARACTERS) continue;
      yield pieces.join('');
      pieces = [];
      length = 0;
      await nextTurn();
    }
  }
  if (format === 'openmetrics') pieces.push('# EOF\n');
  yield pieces.join('');
}

/** Writes one metric of which a snapshot was taken, a series at a time. */
type Writer = (format: ExpositionFormat) => Generator<string, void, undefined>;

async function* readAll(families: Iterable<Family>, registry: Registry): AsyncGenerator<Writer, void, undefined> {
  // All are asked at once: one that is slow to answer does not add to the next.
  const reads = Array.from(families, (family) => ({ family, table: family.read() }));
  for (const { family, table } of reads) {
    const series = await table;
    if (series) yield snapshotOf(family, series);
  }
  for (const metric of registry.getMetricsAsArray()) {
    // Each of them asks the operating system or V8.
    await nextTurn();
    const values: readonly PromSample[] = (await registry.getSingleMetric(metric.name)?.get())?.values ?? [];
    yield (format) => promLines(metric, values, format);
  }
}

/** One copy of memory; the label texts are only ever added to. */
function snapshotOf(family: Family, table: SeriesTable): Writer {
  const { size, width } = table;
  const values = table.values.slice(0, size * width);
  const takenAt = Date.now();
  const snapshot = { table, size, width, values, takenAt };
  const { buckets } = family;
  return buckets
    ? (format) => histogramLines(family, buckets, snapshot, format)
    : (format) => plainLines(family, snapshot, format);
}

interface Snapshot {
  readonly table: SeriesTable;
  readonly size: number;
  readonly width: number;
  readonly values: Float64Array;
  readonly takenAt: number;
}

function* plainLines(
  family: FamilyHead,
  { table, size, values }: Snapshot,
  format: ExpositionFormat,
): Generator<string, void, undefined> {
  yield headOf(family, format);
  for (let series = 0; series < size; series++) {
    const labels = table.labelTexts[series] ?? '';
    const value = numberText(values[series] ?? 0);
    yield labels === '' ? `${family.name} ${value}\n` : `${family.name}{${labels}} ${value}\n`;
  }
}

function* histogramLines(
  family: FamilyHead,
  buckets: readonly number[],
  { table, size, width, values, takenAt }: Snapshot,
  format: ExpositionFormat,
): Generator<string, void, undefined> {
  yield headOf(family, format);
  const { name } = family;
  const heads = [...buckets, Infinity].map((bound) => `${name}_bucket{le="${boundText(bound)}"`);
  for (let series = 0; series < size; series++) {
    const labels = table.labelTexts[series] ?? '';
    const tail = labels === '' ? '} ' : `,${labels}} `;
    const exemplars = format === 'openmetrics' ? table.exemplars[series] : undefined;
    const first = series * width;
    let count = 0;
    let text = '';
    for (let bucket = 0; bucket < heads.length; bucket++) {
      count += values[first + bucket] ?? 0;
      const exemplar = exemplars ? exemplarText(exemplars[bucket], takenAt) : '';
      text += `${heads[bucket] ?? ''}${tail}${count}${exemplar}\n`;
    }
    const end = labels === '' ? ' ' : `{${labels}} `;
    yield `${text}${name}_sum${end}${numberText(values[first + width - 1] ?? 0)}\n${name}_count${end}${count}\n`;
  }
}

/** The process, the event loop and the garbage collector: few series. */
function* promLines(
  family: { readonly name: string; readonly help: string; readonly type: string | number },
  samples: readonly PromSample[],
  format: ExpositionFormat,
): Generator<string, void, undefined> {
  // prom-client's types give the type as a number; at run time it is the word.
  yield headOf({ ...family, type: String(family.type) }, format);
  for (const { labels = {}, metricName = family.name, value } of samples) {
    const given = Object.entries(labels).flatMap(([name, text]) =>
      text === undefined
        ? []
        : [[name, name === 'le' && text !== '+Inf' ? boundText(Number(text)) : String(text)] as const],
    );
    yield `${metricName}${given.length === 0 ? '' : `{${labelText(given)}}`} ${numberText(value)}\n`;
  }
}

function headOf({ name, help, type }: FamilyHead, format: ExpositionFormat): string {
  const open = format === 'openmetrics';
  // In OpenMetrics the name of a counter is without the suffix that its samples have.
  const familyName = open && type === 'counter' ? name.replace(/_total$/, '') : name;
  return `# HELP ${familyName} ${escapeHelp(help, open)}\n# TYPE ${familyName} ${type}\n`;
}

/** One that is younger than the snapshot may stand for an observation that the snapshot does not count. */
function exemplarText(exemplar: Exemplar | undefined, takenAt: number): string {
  if (!exemplar || exemplar.at > takenAt) return '';
  const { traceId, spanId, value, at } = exemplar;
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${numberText(value)} ${(at / 1_000).toFixed(3)}`;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

/** OpenMetrics asks for `1.0`, and Prometheus 3 stores that whatever it reads: so it is the same series in either format. */
function boundText(bound: number): string {
  return Number.isInteger(bound) && Math.abs(bound) < 1e21 ? `${bound}.0` : numberText(bound);
}

function escapeHelp(text: string, open: boolean): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return open ? escaped.replaceAll('"', '\\"') : escaped;
}
