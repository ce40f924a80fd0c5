import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';
import { LaunchError } from '../launcher/failure.ts';
import { workspaceRoot } from '../launcher/workspace.ts';
import { cases, chartDirectory } from './chart-paths.ts';

const dashboards = path.join(workspaceRoot, 'infrastructure/grafana/dashboards');
const rules = path.join(workspaceRoot, 'docker/prometheus/rules');
const dataSources = path.join(workspaceRoot, 'docker/grafana/provisioning/datasources');

/** What rules put in front of the name of a runbook, until a value says where the runbooks are. */
const runbookBase = '{{ $externalLabels.runbook_base }}';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly groups?: unknown };
}

/**
 * Holds what the chart takes from elsewhere in the repository against its source: dashboards and data sources to the byte, rules by
 * their content.
 *
 * @throws LaunchError that names what differs
 */
export function holdSources(name: string, rendered: string): void {
  const manifests = parseAllDocuments(rendered)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
  const maps = manifests.filter(({ kind }) => kind === 'ConfigMap');
  const labelled = (label: string) => maps.filter(({ metadata }) => metadata.labels[label] === '1');
  holdFiles(name, dashboards, labelled('grafana_dashboard'));
  const provisioned = labelled('grafana_datasource');
  if (provisioned.length > 0) holdFiles(name, dataSources, provisioned);
  const made = manifests.filter(({ kind }) => kind === 'PrometheusRule');
  if (made.length > 0) holdRules(name, made);
}

function holdFiles(name: string, folder: string, maps: readonly Manifest[]): void {
  const given = Object.assign({}, ...maps.map(({ data }) => data)) as Record<string, string>;
  const expected = readdirSync(folder).map((file) => [file, readFileSync(path.join(folder, file), 'utf8').trimEnd()]);
  if (!isDeepStrictEqual(given, Object.fromEntries(expected))) {
    throw new LaunchError(`case ${name}: ${Object.keys(given).join(', ')} are not what is in ${folder}`);
  }
}

function holdRules(name: string, made: readonly Manifest[]): void {
  const base = (cases[name] ?? []).map((file) => runbooksOf(file)).find((each) => each !== undefined) ?? runbookBase;
  const groupsOf = (text: string) => (parse(text) as { groups: unknown }).groups;
  const expected = readdirSync(rules).map((file) => {
    const text = readFileSync(path.join(rules, file), 'utf8').replaceAll(runbookBase, base);
    return { name: `signalpress-${path.basename(file, '.yml')}`, groups: groupsOf(text) };
  });
  const given = made.map(({ metadata, spec }) => ({ name: metadata.name, groups: spec?.groups }));
  const byName = (rows: { name: string }[]) => [...rows].sort((a, b) => a.name.localeCompare(b.name));
  if (!isDeepStrictEqual(byName(given), byName(expected))) {
    throw new LaunchError(`case ${name}: the PrometheusRules are not what is in ${rules}`);
  }
}

function runbooksOf(valuesFile: string): string | undefined {
  const values = parse(readFileSync(path.join(chartDirectory, valuesFile), 'utf8')) as {
    metrics?: { rules?: { runbookBaseUrl?: string } };
  };
  return values.metrics?.rules?.runbookBaseUrl;
}
