import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startOtlpSink, waitFor } from '@signalpress/testing';
import type { Client } from 'pg';
import { connectTo } from './database.js';
import { readDashboards } from './grafana.js';
import type { Values, Variable } from './grafana.js';
import * as names from './metric-names.js';
import { ask, faultsIn, faultsOf } from './panel-queries.js';
import type { Answer } from './panel-queries.js';
import { answersFolder, makeFolder, metricsTokenFile, prometheusIsRequired, Start, urlOf } from './platform.js';
import { isPrometheusInstalled, Prometheus } from './prometheus.js';

const portOffset = 15_000;
const gateway = urlOf('api-gateway', portOffset);
const dashboards = readDashboards();

const run = isPrometheusInstalled() || prometheusIsRequired;
if (!run) {
  process.stderr.write(
    'Left out: the queries of the dashboards. There is no prometheus here (Debian: apt-get install prometheus).\n',
  );
}

function keep(file: string, answers: object): void {
  if (answersFolder === undefined) return;
  mkdirSync(answersFolder, { recursive: true });
  writeFileSync(path.join(answersFolder, file), JSON.stringify(answers));
}

(run ? describe : describe.skip)('the dashboards, against a real Prometheus and the database of a run', () => {
  let dataDirectory: string;
  let prometheus: Prometheus;
  let database: Client;
  /** May do what docker/grafana/provisioning says that Grafana's role may do. */
  let reader: Client;
  let adminKey: string;
  const began = new Date();
  /** What has been started is stopped, also when the next thing could not be. */
  const undo: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    dataDirectory = makeFolder();
    const otlp = await startOtlpSink();
    undo.push(() => otlp.close());
    // Before the services, so that it sees their counters grow from the first on.
    prometheus = await Prometheus.start(path.join(dataDirectory, 'prometheus'), portOffset, {
      metricsTokenFile: metricsTokenFile(dataDirectory),
    });
    undo.push(() => prometheus.stop());
    const start = new Start(['--data-dir', dataDirectory, '--port-offset', String(portOffset)], {
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp.httpUrl,
      // 36 s: an agreement that stands beside what it is compared with.
      SLA_THRESHOLD_HOURS: '0.01',
      SAMPLE_SECONDS: '1',
      CHECK_SECONDS: '1',
      OBSERVE_SECONDS: '1',
      SYNC_SECONDS: '2',
      WEIGHTS_LEARN_SECONDS: '5',
      WEIGHTS_MINIMUM_SAMPLES: '5',
    });
    undo.push(() => start.interrupt());
    await waitFor(() => start.stdout.includes('Ctrl-C stops everything') || start.child.exitCode !== null, {
      timeoutMs: 240_000,
      message: () => start.stderr,
    });
    if (start.child.exitCode !== null) throw new Error(`the platform did not start: ${start.stderr.slice(-4_000)}`);
    adminKey = /sp_admin_[\w-]+/.exec(start.stdout)?.[0] ?? '';
    database = await connectTo(dataDirectory);
    undo.push(() => database.end());
    reader = await connectTo(dataDirectory);
    undo.push(() => reader.end());
    await reader.query(`
      CREATE ROLE grafana;
      GRANT USAGE ON SCHEMA monitoring TO grafana;
      GRANT SELECT ON ALL TABLES IN SCHEMA monitoring TO grafana;
      SET ROLE grafana`);
    await visit(20);
    await waitFor(async () => (await database.query('SELECT FROM monitoring.weight_history LIMIT 1')).rowCount === 1, {
      timeoutMs: 60_000,
      message: () => 'no weights were learned',
    });
    await waitFor(async () => (await emptyRollups()).length === 0, {
      timeoutMs: 90_000,
      message: () => 'the rollups stay empty',
    });
  }, 420_000);

  afterAll(async () => {
    for (const stop of undo.reverse()) await stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  const get = (route: string): Promise<Response> =>
    fetch(`${gateway}${route}`, { headers: { authorization: `Bearer ${adminKey}` }, redirect: 'manual' });

  /** The five listings of the least novel ideas, the least novel one first. */
  const listingsByNovelty = async (): Promise<string[]> => {
    const { rows } = await database.query<{ id: string }>(`
      SELECT listing_id AS id FROM feedback.listings JOIN feedback.idea_factors USING (idea_id)
      WHERE factor = 'novelty' ORDER BY value LIMIT 5`);
    return rows.map(({ id }) => id);
  };

  /**
   * Buyers and readers, for so many seconds; some of what they ask for is not there, and once the database fails them. What is more
   * novel is bought more often: chance alone would not always move the weights.
   */
  const visit = async (seconds: number): Promise<void> => {
    const listings = await waitFor(async () => {
      const found = await listingsByNovelty();
      return found.length === 5 && found;
    });
    const act = (id: string, action: 'favourite' | 'buy'): Promise<Response> =>
      fetch(`${gateway}/storefront/listings/${id}/${action}`, { method: 'POST', redirect: 'manual' });
    for (let second = 0; second < seconds; second++) {
      const turn = second % listings.length;
      for (const [rank, id] of listings.entries()) {
        await get(`/storefront/listings/${id}`);
        if (rank > turn) await act(id, 'buy');
        if (rank === turn) await act(id, 'favourite');
      }
      for (const route of [
        '/ideas',
        '/signals',
        '/performance',
        '/status',
        '/no-such-page',
        `/ideas/${listings[turn]}`,
      ])
        await get(route);
      if (second === 5) await database.query('ALTER TABLE scoring.scores RENAME TO scores_away');
      if (second >= 5 && second <= 8) await get('/scores');
      if (second === 8) await database.query('ALTER TABLE scoring.scores_away RENAME TO scores');
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  };

  const emptyRollups = async (): Promise<string[]> => {
    const empty: string[] = [];
    for (const name of ['publish_latency_hourly', 'stage_durations_hourly', 'queue_lengths_5m', 'resource_usage_5m']) {
      const { rowCount } = await database.query(`SELECT FROM monitoring.${name} LIMIT 1`);
      if (rowCount === 0) empty.push(name);
    }
    return empty;
  };

  /** With "All" chosen everywhere. */
  const valuesOf = async (variables: readonly Variable[]): Promise<Values> => {
    const values: Record<string, string[]> = {};
    for (const { name, type, query } of variables) {
      if (type === 'query') {
        const { rows } = await reader.query<Record<string, string>>(query);
        values[name] = rows.flatMap((row) => Object.values(row));
      } else values[name] = query.split(',');
    }
    return values;
  };

  it('show data in every panel', async () => {
    const faults: string[] = [];
    let asked = 0;
    for (const { file, dashboard } of dashboards) {
      const sources = {
        prometheus,
        database: reader,
        range: { from: began, to: new Date() },
        values: await valuesOf(dashboard.templating.list),
      };
      const answers: Record<string, Answer[]> = {};
      for (const panel of dashboard.panels) {
        for (const target of panel.targets) {
          asked += 1;
          const where = `${file}: ${panel.title} (${target.refId})`;
          const answer = await ask(target, sources).catch((error: unknown) => `is refused: ${String(error)}`);
          const found = typeof answer === 'string' ? [answer] : faultsIn(panel, target, answer);
          faults.push(...found.map((fault) => `${where} ${fault}`));
          if (typeof answer !== 'string') answers[panel.id] = [...(answers[panel.id] ?? []), answer];
        }
      }
      keep(file, { from: sources.range.from.getTime(), to: sources.range.to.getTime(), panels: answers });
    }
    expect(faults).toEqual([]);
    expect(asked).toBeGreaterThan(80);
  });

  it('follow the choice of a service, a marketplace and a source', async () => {
    const { rows } = await reader.query<{ source: string }>('SELECT DISTINCT source FROM monitoring.publish_latency');
    expect(rows.length).toBeGreaterThan(0);
    const panel = dashboards
      .flatMap(({ dashboard }) => dashboard.panels)
      .find((candidate) => candidate.title === 'Slowest ideas');
    const target = panel?.targets[0];
    if (!panel || !target) throw new Error('there is no panel of the slowest ideas');
    const range = { from: began, to: new Date() };
    const ask = (source: string): Promise<string[]> =>
      faultsOf(panel, target, {
        prometheus,
        database: reader,
        range,
        values: { source: [source], marketplace: ['storefront'] },
      });
    expect(await ask(rows[0]?.source ?? '')).toEqual([]);
    expect(await ask(`no'such'source`)).toEqual(['has no rows']);
  });

  it('would be missed: a panel without data, without the column that it formats, or that is refused, fails', async () => {
    const panel = {
      title: 'Broken',
      type: 'table',
      id: 1,
      targets: [],
      fieldConfig: { overrides: [{ matcher: { id: 'byName', options: 'age' } }] },
    };
    const sources = { prometheus, database: reader, range: { from: began, to: new Date() }, values: {} };
    const ask = (query: { expr?: string; rawSql?: string; exemplar?: boolean }): Promise<string[]> =>
      faultsOf(panel, { refId: 'A', datasource: { type: '', uid: '' }, ...query }, sources);
    expect(await ask({ expr: 'no_such_metric' })).toEqual(['has no series']);
    expect(await ask({ expr: 'up / 0 - up / 0' })).toEqual(['has series without a single number']);
    expect(await ask({ expr: 'up', exemplar: true })).toEqual(['leads to no trace']);
    expect(await ask({ expr: 'rate(' })).toEqual([expect.stringContaining('is refused')]);
    expect(await ask({ rawSql: 'SELECT idea_id FROM monitoring.ideas WHERE false' })).toEqual(['has no rows']);
    expect(await ask({ rawSql: 'SELECT idea_id FROM monitoring.ideas' })).toEqual(['lacks the columns age']);
    expect(await ask({ rawSql: 'SELECT * FROM scoring.scores' })).toEqual([expect.stringContaining('is refused')]);
  });

  it('use, as rules and docs do, no metric that is not scraped or recorded', async () => {
    const known = new Set([
      ...(await prometheus.metricNames()).flatMap(names.familyOf),
      ...names.defined(),
      ...names.recorded(),
      'ALERTS',
    ]);
    const used = new Map<string, string>();
    for (const { file, dashboard } of dashboards) {
      for (const target of dashboard.panels.flatMap(({ targets }) => targets)) {
        for (const name of names.inPromql(target.expr?.replaceAll(/\$\w+/g, '') ?? '')) used.set(name, file);
      }
    }
    for (const { file, expr } of names.rules()) for (const name of names.inPromql(expr)) used.set(name, file);
    for (const [name, file] of names.inDocs([...known])) used.set(name, file);
    expect([...used].filter(([name]) => !known.has(name)).map(([name, file]) => `${name} in ${file}`)).toEqual([]);
    expect(used.size).toBeGreaterThan(40);
  });
});
