import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { prometheus, reference, timescaledb } from './data-sources.ts';

export type Query = (refId: string) => Builder<Dataquery>;

/** PromQL over the time of the dashboard. `{{label}}` in the legend stands for the label's value. */
export function metric(expr: string, legend: string): Query {
  return (refId) => base(expr, refId).range().legendFormat(legend);
}

/** The same, with points that lead to the traces behind the numbers: for histograms that are read where they are kept. */
export function metricWithTraces(expr: string, legend: string): Query {
  return (refId) => base(expr, refId).range().legendFormat(legend).exemplar(true);
}

/** PromQL at the end of the time of the dashboard. */
export function metricNow(expr: string, legend: string): Query {
  return (refId) => base(expr, refId).instant().legendFormat(legend);
}

/** PromQL at the end of the time of the dashboard, one row per series and one column per label. */
export function metricRows(expr: string): Query {
  return (refId) => base(expr, refId).instant().format(PromQueryFormat.Table);
}

/** SQL that returns `time`, one number, and a text `metric` that names the series. */
export function sqlSeries(sql: string): Query {
  return (refId) => new SqlQueryBuilder(sql, 'time_series', refId);
}

/** SQL whose columns are the panel's. */
export function sqlRows(sql: string): Query {
  return (refId) => new SqlQueryBuilder(sql, 'table', refId);
}

/** For what is not there while all is well: one series of zeros, whose labels say `none`, instead of nothing. */
export function orNone(expr: string, labels: readonly string[]): string {
  const zero = labels.reduce((inner, label) => `label_replace(${inner}, "${label}", "none", "", "")`, 'vector(0)');
  return `${expr} or on() ${zero}`;
}

function base(expr: string, refId: string): DataqueryBuilder {
  return new DataqueryBuilder().datasource(reference(prometheus)).expr(expr).refId(refId);
}

interface SqlQuery extends Dataquery {
  readonly refId: string;
  readonly datasource: DataSourceRef;
  readonly editorMode: 'code';
  readonly format: 'time_series' | 'table';
  readonly rawQuery: true;
  readonly rawSql: string;
}

/** The SDK has no query of the PostgreSQL data source. */
class SqlQueryBuilder implements Builder<Dataquery> {
  private readonly query: SqlQuery;

  constructor(sql: string, format: SqlQuery['format'], refId: string) {
    this.query = {
      refId,
      datasource: reference(timescaledb),
      editorMode: 'code',
      format,
      rawQuery: true,
      rawSql: sql.trim().replaceAll(/\s*\n\s*/g, '\n'),
      _implementsDataqueryVariant: () => undefined,
    };
  }

  build(): Dataquery {
    return this.query;
  }
}
