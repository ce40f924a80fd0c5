import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { services } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
import { waitFor } from '@signalpress/testing';
import { parse, stringify } from 'yaml';
import { workspaceRoot } from './platform.js';

const source = path.join(workspaceRoot, 'docker/prometheus');

interface Config {
  global: { external_labels: Record<string, string> } & Record<string, unknown>;
  rule_files: string[];
  storage: unknown;
  alerting?: unknown;
  scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
}

/** One series of an answer; an instant query has one sample. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [seconds: number, value: number])[];
}

/** What a run may want besides the scrapes. */
export interface Setup {
  /** Address of the Alertmanager that is told of alerts, `host:port`; without, nobody is told. */
  readonly alertmanager?: string;
  /** In front of the runbooks' names. */
  readonly runbookBase?: string;
  /** Holds the METRICS_TOKEN of the services; it may come later than Prometheus. */
  readonly metricsTokenFile?: string;
  /** Other targets (`host:port`) than the service of the run itself. */
  readonly targets?: Partial<Record<ServiceName, readonly string[]>>;
}

export function isPrometheusInstalled(): boolean {
  return spawnSync('prometheus', ['--version']).error === undefined;
}

/** A real Prometheus with the scrape jobs and rules of docker/prometheus, which looks at a run of the platform every second. */
export class Prometheus {
  private readonly closed: Promise<unknown>;
  private log = '';

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    child.stderr?.on('data', (chunk: Buffer) => (this.log = (this.log + chunk.toString()).slice(-8_000)));
    this.closed = once(child, 'close');
  }

  /** @param directory a folder of its own */
  static async start(directory: string, portOffset: number, setup: Setup = {}): Promise<Prometheus> {
    if (!isPrometheusInstalled()) throw new Error('there is no prometheus here (Debian: apt-get install prometheus)');
    mkdirSync(directory, { recursive: true });
    const configFile = path.join(directory, 'prometheus.yml');
    writeFileSync(configFile, stringify(localConfig(portOffset, setup)));
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      'prometheus',
      [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${path.join(directory, 'data')}`,
        `--web.listen-address=${address}`,
        '--enable-feature=exemplar-storage',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const prometheus = new Prometheus(child, `http://${address}`);
    await waitFor(() => prometheus.isReady(), { timeoutMs: 30_000, message: () => prometheus.log });
    return prometheus;
  }

  /** @throws Error with what Prometheus has against the query. */
  async query(expr: string, at: Date): Promise<Series[]> {
    const result = await this.ask<{ result: { metric: Series['metric']; value: [number, string] }[] }>('query', {
      query: expr,
      time: at.toISOString(),
    });
    return result.result.map(({ metric, value: [time, value] }) => ({ metric, values: [[time, Number(value)]] }));
  }

  /** @throws Error with what Prometheus has against the query. */
  async queryRange(expr: string, from: Date, to: Date, stepSeconds: number): Promise<Series[]> {
    const result = await this.ask<{ result: { metric: Series['metric']; values: [number, string][] }[] }>(
      'query_range',
      {
        query: expr,
        start: from.toISOString(),
        end: to.toISOString(),
        step: String(stepSeconds),
      },
    );
    return result.result.map(({ metric, values }) => ({
      metric,
      values: values.map(([time, value]) => [time, Number(value)] as const),
    }));
  }

  /** Ids of traces that exemplars of the query's series lead to. */
  async traceIds(expr: string, from: Date, to: Date): Promise<string[]> {
    const found = await this.ask<{ exemplars: { labels: Record<string, string> }[] }[]>('query_exemplars', {
      query: expr,
      start: from.toISOString(),
      end: to.toISOString(),
    });
    return found.flatMap(({ exemplars }) => exemplars.flatMap(({ labels }) => labels['trace_id'] ?? []));
  }

  /** Every name of a metric that was scraped or recorded. */
  async metricNames(): Promise<string[]> {
    return this.ask<string[]>('label/__name__/values', {});
  }

  /** One line for each target: its job, whether it answers, and what was wrong with the last scrape. */
  async targets(): Promise<string[]> {
    const { activeTargets } = await this.ask<{
      activeTargets: { labels: { job: string }; health: string; lastError: string }[];
    }>('targets', {});
    return activeTargets.map(({ labels, health, lastError }) => `${labels.job} ${health} ${lastError}`.trim());
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.closed;
  }

  private async isReady(): Promise<boolean> {
    if (this.child.exitCode !== null) throw new Error(`prometheus ended: ${this.log}`);
    const response = await fetch(`${this.url}/-/ready`).catch(() => undefined);
    return response?.ok === true;
  }

  private async ask<T>(resource: string, parameters: Record<string, string>): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/${resource}?${new URLSearchParams(parameters).toString()}`);
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(answer.error ?? answer.status);
    return answer.data;
  }
}

/** That of docker/prometheus with the ports of a run; rules and labels are untouched. */
function localConfig(portOffset: number, setup: Setup): Config {
  const { alertmanager, runbookBase, metricsTokenFile, targets = {} } = setup;
  const config = parse(readFileSync(path.join(source, 'prometheus.yml'), 'utf8')) as Config;
  const { storage, global } = config;
  const targetsOf = (service: ServiceName): readonly string[] =>
    targets[service] ?? [`127.0.0.1:${services[service].localPort + portOffset}`];
  return {
    storage,
    global: {
      ...global,
      scrape_interval: '1s',
      scrape_timeout: '1s',
      evaluation_interval: '1s',
      external_labels: { ...global.external_labels, ...(runbookBase !== undefined && { runbook_base: runbookBase }) },
    },
    rule_files: config.rule_files.map((file) => path.join(source, file)),
    ...(alertmanager !== undefined && {
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    }),
    scrape_configs: config.scrape_configs.map((scrape) => ({
      ...scrape,
      authorization:
        metricsTokenFile === undefined ? undefined : { type: 'Bearer', credentials_file: metricsTokenFile },
      static_configs: [{ targets: [...targetsOf(scrape.job_name as ServiceName)] }],
    })),
  };
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
