import type { Client } from 'pg';
import { expandPromql, expandSql, namedColumns } from './grafana.js';
import type { Panel, Target, TimeRange, Values } from './grafana.js';
import type { Prometheus, Series } from './prometheus.js';

/** What answers the queries of a dashboard, and what its variables stand for. */
export interface Sources {
  readonly prometheus: Prometheus;
  readonly database: Client;
  readonly range: TimeRange;
  readonly values: Values;
}

/** What a panel gets to see; also what the pictures in the docs are drawn from. */
export interface Answer {
  readonly refId: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** The same as series, where the query asks for them; milliseconds since the epoch, and finite numbers. */
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
  /** Whether the points lead to traces, where the query asks for that. */
  readonly hasTraces?: boolean;
}

/** @throws Error with what the data source has against the query */
export async function ask(target: Target, sources: Sources): Promise<Answer> {
  if (target.rawSql !== undefined) return askDatabase(target, target.rawSql, sources);
  if (target.expr !== undefined) return askPrometheus(target, target.expr, sources);
  throw new Error('it is neither PromQL nor SQL');
}

/** @returns what is wrong with the answer to one query of a panel; nothing when the panel can show it. */
export async function faultsOf(panel: Panel, target: Target, sources: Sources): Promise<string[]> {
  try {
    return faultsIn(panel, target, await ask(target, sources));
  } catch (error) {
    return [`is refused: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** The same for an answer that is there already. */
export function faultsIn(panel: Panel, target: Target, answer: Answer): string[] {
  return target.expr === undefined ? sqlFaults(panel, target, answer) : promqlFaults(panel, target, answer);
}

async function askDatabase({ refId, format }: Target, sql: string, sources: Sources): Promise<Answer> {
  const { rows, fields } = await sources.database.query<Record<string, unknown>>(
    expandSql(sql, sources.values, sources.range),
  );
  const columns = fields.map(({ name }) => name);
  const answer = { refId, columns, rows: rows.map((row) => columns.map((name) => row[name])) };
  if (format !== 'time_series') return { ...answer, series: [] };
  const points = rows
    .filter((row) => row['time'] != null && isNumber(row['value']) && typeof row['metric'] === 'string')
    .map((row) => ({ name: row['metric'] as string, point: [momentOf(row['time']), Number(row['value'])] as const }));
  const names = [...new Set(points.map(({ name }) => name))];
  const series = names.map((name) => ({
    name,
    points: points.filter((one) => one.name === name).map(({ point }) => point),
  }));
  return { ...answer, series };
}

/** Grafana's groups are seconds since the epoch. */
function momentOf(time: unknown): number {
  return time instanceof Date ? time.getTime() : Number(time) * 1_000;
}

async function askPrometheus(target: Target, expr: string, sources: Sources): Promise<Answer> {
  const { prometheus, range, values } = sources;
  const query = expandPromql(expr, values);
  const found =
    target.instant === true
      ? await prometheus.query(query, range.to)
      : await prometheus.queryRange(query, range.from, range.to, 1);
  const traces = target.exemplar === true ? await prometheus.traceIds(query, range.from, range.to) : undefined;
  const labels = [...new Set(found.flatMap(({ metric }) => Object.keys(metric)))];
  return {
    refId: target.refId,
    // An instant query in the form of a table has its labels, Time and Value as columns.
    columns: ['Time', ...labels, 'Value'],
    rows: found.map(({ metric, values: samples }) => [
      range.to,
      ...labels.map((label) => metric[label] ?? null),
      samples.at(-1)?.[1] ?? null,
    ]),
    series: found.map((one) => ({ name: legendOf(target.legendFormat ?? '', one), points: pointsOf(one) })),
    ...(traces === undefined ? {} : { hasTraces: traces.length > 0 }),
  };
}

const pointsOf = ({ values }: Series): (readonly [number, number])[] =>
  values.filter(([, value]) => Number.isFinite(value)).map(([seconds, value]) => [seconds * 1_000, value]);

const legendOf = (format: string, { metric }: Series): string =>
  format.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? '');

function sqlFaults(panel: Panel, { format }: Target, { columns, rows, series }: Answer): string[] {
  if (rows.length === 0) return ['has no rows'];
  if (format === 'time_series') {
    // Grafana's form of time series: `time`, a text that names the series, a number.
    const lacking = ['time', 'metric', 'value'].filter((name) => !columns.includes(name));
    if (lacking.length > 0) return [`lacks ${lacking.join(', ')}`];
    return series.length > 0 ? [] : ['has no point'];
  }
  if (panel.type === 'stat') return isNumber(rows[0]?.[0]) ? [] : ['is not a number'];
  if (panel.type === 'barchart') {
    const bars = columns.flatMap((name, index) => (name === panel.options?.xField ? [] : [index]));
    if (!rows.some((row) => bars.some((index) => Number(row[index]) > 0))) return ['has no bar above zero'];
  }
  return missing(panel, columns);
}

function promqlFaults(panel: Panel, target: Target, { columns, series, hasTraces }: Answer): string[] {
  if (series.every(({ points }) => points.length === 0)) {
    return [series.length === 0 ? 'has no series' : 'has series without a single number'];
  }
  return [
    ...(hasTraces === false ? ['leads to no trace'] : []),
    ...(target.format === 'table' ? missing(panel, columns) : []),
  ];
}

function missing(panel: Panel, columns: readonly string[]): string[] {
  const lacking = namedColumns(panel).filter((name) => !columns.includes(name));
  return lacking.length === 0 ? [] : [`lacks the columns ${lacking.join(', ')}`];
}

/** The driver gives 64-bit integers and decimals as text. */
const isNumber = (value: unknown): boolean =>
  (typeof value === 'number' || (typeof value === 'string' && value !== '')) && Number.isFinite(Number(value));
