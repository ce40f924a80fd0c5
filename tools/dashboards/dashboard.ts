import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { DashboardCursorSync, defaultDashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { dataSources, dataSourceVariables, inputs } from './data-sources.ts';
import { siblingsLink } from './links.ts';
import { addressVariables, variable } from './variables.ts';
import type { VariableName } from './variables.ts';

/** Panels side by side; they share the width of the page evenly. */
export interface Line {
  readonly height: number;
  readonly panels: readonly Builder<Panel>[];
}

export interface Dashboard {
  /** Of the file, without .json. */
  readonly file: string;
  readonly title: string;
  /** The question that it answers. */
  readonly description: string;
  readonly variables: readonly VariableName[];
  /** What a person on call asks first comes first. */
  readonly lines: readonly Line[];
}

/** Units across a page of Grafana. */
const pageWidth = 24;

/** The text of a dashboard's file, in the classic form: the newer one has neither `__inputs` nor a place in older Grafanas. */
export function render({ file, title, description, variables, lines }: Dashboard): string {
  const panels = placed(lines);
  const choices = [...variables.map(variable), ...dataSourceVariables(), ...addressVariables()];
  const dashboard: ReturnType<typeof defaultDashboard> = {
    ...defaultDashboard(),
    uid: `signalpress-${file.replaceAll('_', '-')}`,
    title: `Signalpress / ${title}`,
    description,
    tags: ['signalpress'],
    graphTooltip: DashboardCursorSync.Crosshair,
    time: { from: 'now-6h', to: 'now' },
    refresh: '30s',
    links: [siblingsLink().build()],
    templating: { list: choices.map((builder) => builder.build()) },
    panels,
  };
  const text = { __inputs: inputs(), __requires: requirements(panels.map(({ type }) => type)), ...dashboard };
  return `${JSON.stringify(text, null, 2)}\n`;
}

/** @throws RangeError when the panels of a line cannot share the width of the page evenly. */
function placed(lines: readonly Line[]): Panel[] {
  const panels: Panel[] = [];
  let y = 0;
  for (const line of lines) {
    const w = pageWidth / line.panels.length;
    if (!Number.isInteger(w)) throw new RangeError(`${line.panels.length} panels do not fit on one line`);
    for (const [index, builder] of line.panels.entries()) {
      panels.push({ ...builder.build(), id: panels.length + 1, gridPos: { x: index * w, y, w, h: line.height } });
    }
    y += line.height;
  }
  return panels;
}

/** What has to be installed: shown at an import. */
function requirements(panelTypes: readonly string[]): object[] {
  return [
    { type: 'grafana', id: 'grafana', name: 'Grafana', version: '11.0.0' },
    ...dataSources.map(({ plugin, pluginName }) => ({
      type: 'datasource',
      id: plugin,
      name: pluginName,
      version: '1.0.0',
    })),
    ...[...new Set(panelTypes)].sort().map((id) => ({ type: 'panel', id, name: id, version: '' })),
  ];
}
