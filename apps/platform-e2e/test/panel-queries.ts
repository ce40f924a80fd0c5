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

/** @returns what is wrong with the answer to one query of a panel; nothing when the panel can show it. */
export async function faultsOf(panel: Panel, target: Target, sources: Sources): Promise<string[]> {
  try {
    if (target.rawSql !== undefined) return await sqlFaults(panel, target, target.rawSql, sources);
    if (target.expr !== undefined) return await promqlFaults(panel, target, target.expr, sources);
    return ['is neither PromQL nor SQL'];
  } catch (error) {
    return [`is refused: ${error instanceof Error ? error.message : String(error)}`];
  }
}

async function sqlFaults(panel: Panel, { format }: Target, sql: string, sources: Sources): Promise<string[]> {
  const { rows, fields } = await sources.database.query<Record<string, unknown>>(
    expandSql(sql, sources.values, sources.range),
  );
  const columns = fields.map(({ name }) => name);
  if (rows.length === 0) return ['has no rows'];
  if (format === 'time_series') return seriesFaults(columns, rows);
  if (panel.type === 'stat') return isNumber(Object.values(rows[0] ?? {})[0]) ? [] : ['is not a number'];
  if (panel.type === 'barchart') {
    const bars = columns.filter((name) => name !== panel.options?.xField);
    if (!bars.some((name) => rows.some((row) => Number(row[name]) > 0))) return ['has no bar above zero'];
  }
  return missing(panel, columns);
}

/** Grafana's form of time series: `time`, a text that names the series, a number. */
function seriesFaults(columns: readonly string[], rows: readonly Record<string, unknown>[]): string[] {
  const lacking = ['time', 'metric', 'value'].filter((name) => !columns.includes(name));
  if (lacking.length > 0) return [`lacks ${lacking.join(', ')}`];
  return rows.some((row) => row['time'] !== null && typeof row['metric'] === 'string' && isNumber(row['value']))
    ? []
    : ['has no point'];
}

async function promqlFaults(panel: Panel, target: Target, expr: string, sources: Sources): Promise<string[]> {
  const { prometheus, range, values } = sources;
  const query = expandPromql(expr, values);
  const series =
    target.instant === true
      ? await prometheus.query(query, range.to)
      : await prometheus.queryRange(query, range.from, range.to, 1);
  const points = series.flatMap((one) => one.values).filter(([, value]) => Number.isFinite(value));
  if (points.length === 0) return [series.length === 0 ? 'has no series' : 'has series without a single number'];
  const exemplars = target.exemplar === true ? await prometheus.traceIds(query, range.from, range.to) : undefined;
  return [
    ...(exemplars?.length === 0 ? ['leads to no trace'] : []),
    ...(target.format === 'table' ? missing(panel, columnsOf(series)) : []),
  ];
}

/** An instant query in the form of a table has its labels, Time and Value as columns. */
const columnsOf = (series: readonly Series[]): string[] => [
  'Time',
  'Value',
  ...new Set(series.flatMap(({ metric }) => Object.keys(metric))),
];

function missing(panel: Panel, columns: readonly string[]): string[] {
  const lacking = namedColumns(panel).filter((name) => !columns.includes(name));
  return lacking.length === 0 ? [] : [`lacks the columns ${lacking.join(', ')}`];
}

/** The driver gives 64-bit integers and decimals as text. */
const isNumber = (value: unknown): boolean =>
  (typeof value === 'number' || (typeof value === 'string' && value !== '')) && Number.isFinite(Number(value));
