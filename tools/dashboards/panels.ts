import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common';
import * as common from '@grafana/grafana-foundation-sdk/common';
import type { Panel, Threshold } from '@grafana/grafana-foundation-sdk/dashboard';
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as BarChartBuilder } from '@grafana/grafana-foundation-sdk/barchart';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { runbookLink } from './links.ts';
import type { CellLink } from './links.ts';
import type { Query } from './queries.ts';

/** What every panel says. */
interface PanelText {
  readonly title: string;
  /** What the numbers are, and what to do when they are bad. */
  readonly description: string;
  /** Alert whose runbook the panel leads to. */
  readonly runbook?: string;
}

/** Orange from the first bound on, red from the second; the other way round when less is worse. */
export interface Bounds {
  readonly warn: number;
  readonly bad: number;
}

export interface StatPanel extends PanelText {
  readonly unit: string;
  readonly query: Query;
  readonly bounds?: Bounds;
  /** A query whose value is the bound, and the column that holds it: no threshold is written twice. */
  readonly agreement?: { readonly query: Query; readonly column: string };
  readonly noValue?: string;
}

/** One number. */
export function statPanel(options: StatPanel): Builder<Panel> {
  const panel = new StatBuilder()
    .title(options.title)
    .description(options.description)
    .unit(options.unit)
    .targets(targets([options.query, ...(options.agreement ? [options.agreement.query] : [])]))
    .links(runbookLinks(options))
    .graphMode(BigValueGraphMode.Area)
    .colorMode(options.bounds || options.agreement ? BigValueColorMode.Background : BigValueColorMode.None)
    .thresholds(thresholds(options.bounds))
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .noValue(options.noValue ?? 'none yet');
  if (!options.agreement) return panel;
  return panel.withTransformation({
    id: 'configFromData',
    options: {
      configRefId: 'B',
      mappings: [
        {
          fieldName: options.agreement.column,
          handlerKey: 'threshold1',
          handlerArguments: { threshold: { color: 'red' } },
        },
      ],
    },
  });
}

export interface TimeSeriesPanel extends PanelText {
  readonly unit: string;
  readonly queries: readonly Query[];
  readonly draw?: 'lines' | 'steps' | 'points' | 'stacked bars';
  readonly bounds?: Bounds;
  /** Name of a series that is a bound of the others. */
  readonly limit?: string;
  readonly max?: number;
}

/** Lines, steps, points or bars over time. */
export function timeSeriesPanel(options: TimeSeriesPanel): Builder<Panel> {
  const draw = options.draw ?? 'lines';
  const panel = new TimeSeriesBuilder()
    .title(options.title)
    .description(options.description)
    .unit(options.unit)
    .min(0)
    .targets(targets(options.queries))
    .links(runbookLinks(options))
    .drawStyle(draw === 'stacked bars' ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    .lineInterpolation(draw === 'steps' ? LineInterpolation.StepAfter : LineInterpolation.Linear)
    .lineWidth(draw === 'points' ? 0 : 1)
    .showPoints(draw === 'points' ? VisibilityMode.Always : VisibilityMode.Auto)
    .pointSize(draw === 'points' ? 6 : 4)
    .fillOpacity(draw === 'stacked bars' ? 70 : 5)
    .stacking(
      new common.StackingConfigBuilder().mode(draw === 'stacked bars' ? StackingMode.Normal : StackingMode.None),
    )
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
  if (options.max !== undefined) panel.max(options.max);
  if (options.bounds) {
    panel
      .thresholds(thresholds(options.bounds))
      .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  if (options.limit !== undefined) panel.overrideByName(options.limit, limitProperties);
  return panel;
}

const limitProperties = [
  { id: 'color', value: { mode: 'fixed', fixedColor: 'red' } },
  { id: 'custom.drawStyle', value: 'line' },
  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } },
  { id: 'custom.lineWidth', value: 2 },
  { id: 'custom.showPoints', value: 'never' },
  { id: 'custom.fillOpacity', value: 0 },
];

export interface Column {
  readonly label?: string;
  readonly unit?: string;
  readonly link?: CellLink;
  readonly hidden?: true;
  readonly decimals?: number;
}

export interface TablePanel extends PanelText {
  readonly query: Query;
  /** By the name that the query gives them. */
  readonly columns: Readonly<Record<string, Column>>;
}

/** Rows, in the order of the query. */
export function tablePanel(options: TablePanel): Builder<Panel> {
  const panel = new TableBuilder()
    .title(options.title)
    .description(options.description)
    .targets(targets([options.query]))
    .links(runbookLinks(options))
    .showHeader(true)
    .filterable(true);
  for (const [name, column] of Object.entries(options.columns)) panel.overrideByName(name, columnProperties(column));
  return panel;
}

function columnProperties({ label, unit, link, hidden, decimals }: Column): { id: string; value: unknown }[] {
  return [
    ...(label === undefined ? [] : [{ id: 'displayName', value: label }]),
    ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    ...(link === undefined ? [] : [{ id: 'links', value: [link] }]),
    ...(hidden === undefined ? [] : [{ id: 'custom.hidden', value: true }]),
  ];
}

export interface BarsPanel extends PanelText {
  readonly unit: string;
  readonly query: Query;
  /** Column that names the bars. */
  readonly by: string;
  readonly stacked?: true;
}

/** A bar, or a stack of them, per row. */
export function barsPanel(options: BarsPanel): Builder<Panel> {
  return new BarChartBuilder()
    .title(options.title)
    .description(options.description)
    .unit(options.unit)
    .targets(targets([options.query]))
    .links(runbookLinks(options))
    .xField(options.by)
    .orientation(VizOrientation.Auto)
    .stacking(options.stacked ? StackingMode.Normal : StackingMode.None)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    );
}

function targets(queries: readonly Query[]): ReturnType<Query>[] {
  return queries.map((query, index) => query(String.fromCharCode('A'.charCodeAt(0) + index)));
}

function runbookLinks({ runbook }: PanelText): ReturnType<typeof runbookLink>[] {
  return runbook === undefined ? [] : [runbookLink(runbook)];
}

function thresholds(bounds: Bounds | undefined): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps(bounds));
}

function steps(bounds: Bounds | undefined): Threshold[] {
  if (!bounds) return [{ value: null, color: 'green' }];
  const { warn, bad } = bounds;
  return warn <= bad
    ? [
        { value: null, color: 'green' },
        { value: warn, color: 'orange' },
        { value: bad, color: 'red' },
      ]
    : [
        { value: null, color: 'red' },
        { value: bad, color: 'orange' },
        { value: warn, color: 'green' },
      ];
}
