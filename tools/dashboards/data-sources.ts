import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { DatasourceVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

/**
 * A dashboard is read in two ways, and one spelling serves both:
 *
 * - Imported by hand, Grafana asks for a data source per entry of `__inputs`, writes its uid wherever a text holds `${DS_…}`, and
 *   takes `__inputs` out.
 * - Provisioned from a folder or by a sidecar, Grafana changes nothing and passes over `__inputs`. When a panel is drawn, `${DS_…}`
 *   is looked up among the dashboard's variables, where a data source variable has that very name.
 */
export interface DataSource {
  /** Of the input and of the variable. */
  readonly name: string;
  readonly label: string;
  readonly plugin: string;
  readonly pluginName: string;
  /** In docker/grafana/provisioning. The variable starts with it and falls back to the first of its kind. */
  readonly provisionedUid: string;
  readonly description: string;
}

export const timescaledb: DataSource = {
  name: 'DS_TIMESCALEDB',
  label: 'TimescaleDB',
  plugin: 'grafana-postgresql-datasource',
  pluginName: 'PostgreSQL',
  provisionedUid: 'signalpress-timescaledb',
  description: 'The database that holds the schema "monitoring": TimescaleDB or plain PostgreSQL.',
};

export const prometheus: DataSource = {
  name: 'DS_PROMETHEUS',
  label: 'Prometheus',
  plugin: 'prometheus',
  pluginName: 'Prometheus',
  provisionedUid: 'signalpress-prometheus',
  description: 'The Prometheus that scrapes the services, with docker/prometheus/rules loaded.',
};

export const dataSources: readonly DataSource[] = [timescaledb, prometheus];

/** What a target, a panel and a variable say of their data source. */
export function reference({ plugin, name }: DataSource): DataSourceRef {
  return { type: plugin, uid: `\${${name}}` };
}

/** What the import asks for. */
export function inputs(): object[] {
  return dataSources.map(({ name, label, description, plugin, pluginName }) => ({
    name,
    label,
    description,
    type: 'datasource',
    pluginId: plugin,
    pluginName,
  }));
}

/** What resolves the same names without an import. */
export function dataSourceVariables(): DatasourceVariableBuilder[] {
  return dataSources.map(({ name, label, plugin, provisionedUid, description }) =>
    new DatasourceVariableBuilder(name)
      .label(label)
      .description(description)
      .type(plugin)
      .current({ selected: false, text: label, value: provisionedUid }),
  );
}
