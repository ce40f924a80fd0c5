import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from './platform.js';

/** The parts of a dashboard's JSON that say what a panel asks for and what it does with the answer. */
export interface Dashboard {
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

export interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly targets: readonly Target[];
  readonly options?: { readonly xField?: string };
  readonly fieldConfig: { readonly overrides: readonly { readonly matcher: { id: string; options: unknown } }[] };
}

export interface Target {
  readonly refId: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly expr?: string;
  readonly instant?: boolean;
  readonly exemplar?: boolean;
  readonly legendFormat?: string;
  readonly rawSql?: string;
  readonly format?: string;
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query: string;
}

export type Values = Readonly<Record<string, readonly string[]>>;

export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

const folder = path.join(workspaceRoot, 'infrastructure/grafana/dashboards');

export function readDashboards(): { file: string; dashboard: Dashboard }[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({
      file,
      dashboard: JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Dashboard,
    }));
}

/** What Grafana does to PromQL before it asks: values of variables, joined for a regular expression, and the rate interval. */
export function expandPromql(expr: string, values: Values): string {
  return expr
    .replaceAll('$__rate_interval', '15s')
    .replaceAll('$__interval', '5s')
    .replaceAll(/\$(\w+)/g, (_, name: string) => `(${valuesOf(values, name).join('|')})`);
}

/** What Grafana and its PostgreSQL data source do to SQL: macros (times are literals, groups are seconds) and variables. */
export function expandSql(sql: string, values: Values, { from, to }: TimeRange): string {
  const literal = (time: Date): string => `'${time.toISOString()}'`;
  const group = (column: string, interval: string): string => {
    const seconds = Number(interval.replace('$__interval', '5s').replaceAll(/['s]/g, ''));
    return `floor(extract(epoch from ${column})/${seconds})*${seconds}`;
  };
  return sql
    .replaceAll(
      /\$__timeFilter\(([^)]*)\)/g,
      (_, column: string) => `${column} BETWEEN ${literal(from)} AND ${literal(to)}`,
    )
    .replaceAll(/\$__timeGroupAlias\((\w+), ([$\w']+)\)/g, (_, column: string, interval: string) => {
      return `${group(column, interval)} AS "time"`;
    })
    .replaceAll(/\$__timeGroup\((\w+), ([$\w']+)\)/g, (_, column: string, interval: string) => group(column, interval))
    .replaceAll('$__timeFrom()', literal(from))
    .replaceAll('$__timeTo()', literal(to))
    .replaceAll(/\$\{(\w+):sqlstring\}/g, (_, name: string) =>
      valuesOf(values, name)
        .map((value) => `'${value.replaceAll("'", "''")}'`)
        .join(','),
    );
}

/** Columns that the panel names: those that it formats, links or hides, and the one that names its bars. */
export function namedColumns({ fieldConfig, options }: Panel): string[] {
  return [
    ...fieldConfig.overrides
      .filter(({ matcher }) => matcher.id === 'byName')
      .map(({ matcher }) => String(matcher.options)),
    ...(options?.xField === undefined ? [] : [options.xField]),
  ];
}

function valuesOf(values: Values, name: string): readonly string[] {
  const found = values[name];
  if (found === undefined) throw new Error(`the dashboard has no variable ${name}`);
  return found;
}
