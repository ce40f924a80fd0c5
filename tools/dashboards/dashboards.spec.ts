import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { dashboards, fileOf } from './dashboards.ts';
import { render } from './dashboard.ts';
import { dataSources } from './data-sources.ts';

const root = path.resolve(import.meta.dirname, '../..');

interface Link {
  readonly url?: string;
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly links?: readonly Link[];
  readonly fieldConfig: { readonly defaults: { readonly unit?: string } };
  readonly targets: readonly {
    readonly refId: string;
    readonly datasource: { readonly uid: string; readonly type: string };
    readonly expr?: string;
    readonly exemplar?: boolean;
    readonly rawSql?: string;
  }[];
}
interface Written {
  readonly __inputs: readonly { readonly name: string; readonly type: string; readonly pluginId: string }[];
  readonly __requires: readonly { readonly type: string; readonly id: string }[];
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly type: string;
      readonly query: string;
      readonly includeAll?: boolean;
      readonly current?: { readonly value: string };
    }[];
  };
}

const written = dashboards.map((dashboard) => {
  const text = readFileSync(fileOf(dashboard), 'utf8');
  return { name: dashboard.file, text, json: JSON.parse(text) as Written };
});

describe('the dashboards', () => {
  it('are five', () => {
    const files = readdirSync(path.dirname(fileOf(dashboards[0]!)));
    expect(files.sort()).toEqual(
      ['latency', 'optimization', 'queue_length', 'resource_usage', 'service_health'].map((name) => `${name}.json`),
    );
    expect(new Set(written.map(({ json }) => json.uid)).size).toBe(5);
  });

  it.each(dashboards.map((dashboard) => [dashboard.file, dashboard] as const))(
    '%s is what the generator writes; if not: npm run dashboards',
    (_, dashboard) => {
      expect(readFileSync(fileOf(dashboard), 'utf8')).toBe(render(dashboard));
    },
  );
});

describe.each(written)('$name', ({ text, json }) => {
  const panels = json.panels;

  it('has at least six panels, each with an id, a title and a description of its own, and units where there are numbers', () => {
    expect(panels.length).toBeGreaterThanOrEqual(6);
    for (const field of ['id', 'title'] as const) {
      expect(new Set(panels.map((panel) => panel[field])).size).toBe(panels.length);
    }
    expect(panels.filter(({ description }) => (description ?? '').length < 10).map(({ title }) => title)).toEqual([]);
    const withoutUnit = panels.filter(
      ({ type, fieldConfig }) => type !== 'table' && fieldConfig.defaults.unit === undefined,
    );
    expect(withoutUnit.map(({ title }) => title)).toEqual([]);
  });

  it('has a grid without overlaps and overhangs', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.filter(({ gridPos: { x, w } }) => x < 0 || x + w > 24)).toEqual([]);
  });

  it('asks for its data sources at an import and has a variable of the same name for all other ways', () => {
    for (const { name, plugin, provisionedUid } of dataSources) {
      expect(json.__inputs).toContainEqual(expect.objectContaining({ name, type: 'datasource', pluginId: plugin }));
      expect(json.__requires).toContainEqual(expect.objectContaining({ type: 'datasource', id: plugin }));
      const variable = json.templating.list.find((candidate) => candidate.name === name);
      expect(variable).toMatchObject({ type: 'datasource', query: plugin, current: { value: provisionedUid } });
    }
    const refs = new Map(dataSources.map(({ name, plugin }) => [`\${${name}}`, plugin]));
    const targets = panels.flatMap((panel) => panel.targets);
    expect(targets.length).toBeGreaterThan(0);
    expect(targets.filter(({ datasource }) => refs.get(datasource.uid) !== datasource.type)).toEqual([]);
    for (const panel of panels) {
      expect(new Set(panel.targets.map(({ refId }) => refId)).size).toBe(panel.targets.length);
      // A panel over two data sources would need Grafana's "mixed" one, which an import cannot replace.
      expect(new Set(panel.targets.map(({ datasource }) => datasource.uid)).size).toBe(1);
    }
  });

  it('is whole after an import: no input is left, whatever was chosen', () => {
    const { __inputs: inputs, ...rest } = JSON.parse(imported(text)) as Written;
    expect(inputs).toHaveLength(dataSources.length);
    expect(JSON.stringify(rest)).not.toContain('${DS_');
    expect(rest.panels.flatMap(({ targets }) => targets.map(({ datasource }) => datasource.uid))).toEqual(
      panels.flatMap(({ targets }) => targets.map(({ datasource }) => `chosen-${datasource.uid.slice(2, -1)}`)),
    );
  });

  it('uses the variables that it has, and has those that it uses', () => {
    const used = new Set([...text.matchAll(/\$\{?([A-Za-z]\w*)(?::\w+)?\}?/g)].map(([, name]) => name));
    const declared = json.templating.list.map(({ name }) => name);
    expect([...used].filter((name) => name !== undefined && !declared.includes(name))).toEqual([]);
    const choices = json.templating.list.filter(({ type }) => type === 'query' || type === 'custom');
    expect(choices.filter(({ name }) => !used.has(name)).map(({ name }) => name)).toEqual([]);
    expect(choices.filter(({ includeAll }) => includeAll !== true)).toEqual([]);
  });

  it('leads to runbooks that are there', () => {
    const links = [...text.matchAll(/\$\{runbooks\}\/(\w+)\.md/g)].map(([, alert]) => String(alert));
    const away = links.filter((alert) => !existsSync(path.join(root, 'docs/runbooks', `${alert}.md`)));
    expect(away).toEqual([]);
    // What visitors buy has no alert.
    if (json.uid !== 'signalpress-optimization') expect(links.length).toBeGreaterThan(0);
  });

  it('names its tables with their schema', () => {
    const names = panels
      .flatMap((panel) => panel.targets.flatMap(({ rawSql }) => rawSql ?? []))
      .flatMap((sql) => [...sql.matchAll(/\b(?:FROM|JOIN) ([a-z_][\w.]*)/g)].map(([, name]) => String(name)));
    expect(names.filter((name) => !/^monitoring\.\w+$/.test(name) && name !== 'now')).toEqual([]);
  });
});

describe('queries', () => {
  const promtool = spawnSync('promtool', ['--version']).error === undefined;
  const withPromtool = promtool || process.env['REQUIRE_PROMETHEUS'] === '1' ? it : it.skip;

  it('show exemplars on the panels of latency, which lead to traces', () => {
    const targets = written.flatMap(({ json }) => json.panels.flatMap((panel) => panel.targets));
    const quantiles = targets.filter(({ expr }) => expr?.startsWith('histogram_quantile(') === true);
    expect(quantiles.length).toBeGreaterThan(5);
    expect(quantiles.filter(({ exemplar }) => exemplar !== true)).toEqual([]);
  });

  withPromtool('are PromQL', () => {
    const rules = written.flatMap(({ json }) =>
      json.panels.flatMap((panel) => panel.targets.flatMap(({ expr }) => (expr === undefined ? [] : [expr]))),
    );
    const directory = mkdtempSync(path.join(tmpdir(), 'signalpress-dashboards-'));
    const file = path.join(directory, 'rules.yml');
    const literal = (expr: string) => expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.+');
    writeFileSync(
      file,
      stringify({
        groups: [
          { name: 'panels', rules: rules.map((expr, index) => ({ record: `panel:${index}`, expr: literal(expr) })) },
        ],
      }),
    );
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
    rmSync(directory, { recursive: true });
    expect({ status, says: `${stdout}${stderr}` }).toMatchObject({ status: 0 });
  });
});

describe('provisioning', () => {
  const read = (file: string): unknown =>
    parse(readFileSync(path.join(root, 'docker/grafana/provisioning', file), 'utf8'));

  it('has the data sources under the uids that the variables start with, and no secret', () => {
    const { datasources } = read('datasources/signalpress.yml') as {
      datasources: { uid: string; type: string; secureJsonData?: Record<string, string> }[];
    };
    const expected = dataSources.map(({ provisionedUid, plugin }) => [provisionedUid, plugin]);
    expect(datasources.map(({ uid, type }) => [uid, type]).sort()).toEqual(expected.sort());
    const secrets = datasources.flatMap(({ secureJsonData }) => Object.values(secureJsonData ?? {}));
    expect(secrets).toEqual(['$TIMESCALEDB_PASSWORD']);
  });

  it('leads from exemplars to traces', () => {
    expect(JSON.stringify(read('datasources/signalpress.yml'))).toContain(
      '"exemplarTraceIdDestinations":[{"name":"trace_id","url":"$TRACE_URL/$${__value.raw}"',
    );
  });

  it('loads the dashboards from files', () => {
    expect(read('dashboards/signalpress.yml')).toMatchObject({ providers: [{ type: 'file', allowUiUpdates: false }] });
  });
});

/** What Grafana's import does: the uid that was chosen, wherever a text holds the input in braces. */
function imported(text: string): string {
  return text.replaceAll(/\$\{(DS_\w+)\}/g, (_, name: string) => `chosen-${name}`);
}
