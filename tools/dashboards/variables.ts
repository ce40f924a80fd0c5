import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  CustomVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import { serviceNames } from '@signalpress/contracts';
import { reference, timescaledb } from './data-sources.ts';

export type VariableName = 'service' | 'marketplace' | 'source';

const all = { selected: true, text: ['All'], value: ['$__all'] };

/** Named, not asked for: a service that is down has no metrics that would name it. */
const service = (): Builder<VariableModel> =>
  new CustomVariableBuilder('service')
    .label('Service')
    .description('Whose numbers are shown.')
    .values(serviceNames.join(','))
    .options([
      { selected: true, text: 'All', value: '$__all' },
      ...serviceNames.map((name) => ({ selected: false, text: name, value: name })),
    ])
    .multi(true)
    .includeAll(true)
    .current(all);

/** Has one value at least, so that `IN (…)` is never empty, also before the first idea. */
const fromTable = (name: VariableName, label: string, description: string, sql: string): Builder<VariableModel> =>
  new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(reference(timescaledb))
    .query(sql)
    .definition(sql)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .current(all);

const builders: Readonly<Record<VariableName, () => Builder<VariableModel>>> = {
  service,
  marketplace: () =>
    fromTable(
      'marketplace',
      'Marketplace',
      'Where ideas are listed first.',
      `SELECT 'storefront' UNION SELECT DISTINCT marketplace FROM monitoring.publish_latency`,
    ),
  source: () =>
    fromTable(
      'source',
      'Source',
      'Where the founding signal of an idea came from.',
      `SELECT 'unknown' UNION SELECT DISTINCT source FROM monitoring.idea_scores UNION SELECT DISTINCT source FROM monitoring.publish_latency`,
    ),
};

export function variable(name: VariableName): Builder<VariableModel> {
  return builders[name]();
}

/** Addresses that differ from place to place: set once, under Settings, Variables. */
export function addressVariables(): Builder<VariableModel>[] {
  return [
    new TextBoxVariableBuilder('runbooks')
      .label('Runbooks at')
      .description('Address of the folder docs/runbooks where your people read it; links end in /<alert>.md.')
      .hide(VariableHide.HideVariable)
      .defaultValue('docs/runbooks'),
    new TextBoxVariableBuilder('traces')
      .label('Traces at')
      .description('What stands before the id of a trace in the address of your trace viewer.')
      .hide(VariableHide.HideVariable)
      .defaultValue('http://localhost:16686/trace'),
  ];
}
