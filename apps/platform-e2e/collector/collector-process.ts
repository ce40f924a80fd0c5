import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { waitFor } from '@signalpress/testing';
import { environmentWith } from '../test/platform.js';
import { configurationFile } from '@signalpress/testing/collector';

const READY_MS = 60_000;
const STOP_MS = 30_000;
const LONGEST_LOG = 200_000;

export interface CollectorSettings {
  /** host:port that takes OTLP over gRPC. */
  readonly traceBackend: string;
  /** Variables of `config.yaml`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What is to be otherwise than in `config.yaml`, as `a::b::c: value`. */
  readonly overrides?: readonly string[];
}

/** A real collector with the configuration of the compose file, on free ports of 127.0.0.1. */
export class Collector {
  private log = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly ports: Ports,
  ) {
    const keep = (chunk: Buffer): void => {
      this.log = (this.log + chunk.toString()).slice(-LONGEST_LOG);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
  }

  static async start(binary: string, settings: CollectorSettings): Promise<Collector> {
    const ports = await freePorts();
    const environment = environmentWith({ ...settings.environment, TRACE_BACKEND: settings.traceBackend });
    const args = [
      `--config=${configurationFile}`,
      ...[...addresses(ports), ...(settings.overrides ?? [])].map(asConfig),
    ];
    const child = spawn(binary, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const collector = new Collector(child, ports);
    try {
      await waitFor(() => collector.healthy(), {
        timeoutMs: READY_MS,
        intervalMs: 100,
        message: 'a healthy collector',
      });
    } catch (error) {
      await collector.stop();
      throw new Error(`The collector did not start:\n${collector.log}`, { cause: error });
    }
    return collector;
  }

  /** Value for `OTEL_EXPORTER_OTLP_ENDPOINT` over HTTP. */
  get httpUrl(): string {
    return `http://127.0.0.1:${this.ports.http}`;
  }

  /** The same over gRPC. */
  get grpcUrl(): string {
    return `http://127.0.0.1:${this.ports.grpc}`;
  }

  /** What it says of itself, in Prometheus text. */
  async ownMetrics(): Promise<string> {
    return textOf(`http://127.0.0.1:${this.ports.own}/metrics`);
  }

  /** What it has counted of the spans, in Prometheus text. */
  async spanMetrics(): Promise<string> {
    return textOf(`http://127.0.0.1:${this.ports.spans}/metrics`);
  }

  /** Its memory in MiB, as the operating system counts it. */
  residentMebibytes(): number {
    const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(this.child.pid)], { encoding: 'utf8' });
    return Number(stdout) / 1024;
  }

  /** The log of the process, from its end. */
  get lastLines(): string {
    return this.log;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(timer);
  }

  private async healthy(): Promise<boolean> {
    if (this.child.exitCode !== null) throw new Error('it ended');
    return (await fetch(`http://127.0.0.1:${this.ports.health}/`)).ok;
  }
}

/** What `validate` says of the configuration in the compose file; '' when it is content. */
export function validate(binary: string, overrides: readonly string[] = []): string {
  const run = spawnSync(binary, ['validate', `--config=${configurationFile}`, ...overrides.map(asConfig)], {
    encoding: 'utf8',
  });
  return run.status === 0 ? '' : run.stderr || run.stdout || 'it did not say why';
}

interface Ports {
  readonly grpc: number;
  readonly http: number;
  readonly health: number;
  readonly own: number;
  readonly spans: number;
}

function addresses(ports: Ports): string[] {
  return [
    `receivers::otlp::protocols::grpc::endpoint: 127.0.0.1:${ports.grpc}`,
    `receivers::otlp::protocols::http::endpoint: 127.0.0.1:${ports.http}`,
    `extensions::health_check::endpoint: 127.0.0.1:${ports.health}`,
    `exporters::prometheus::endpoint: 127.0.0.1:${ports.spans}`,
    `service::telemetry::metrics::readers: [{ pull: { exporter: { prometheus: { host: 127.0.0.1, port: ${ports.own} } } } }]`,
  ];
}

const asConfig = (override: string): string => `--config=yaml:${override}`;

/** Held open together, so that none is handed out twice. */
async function freePorts(): Promise<Ports> {
  const servers = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const [grpc = 0, http = 0, health = 0, own = 0, spans = 0] = servers.map(
    (server) => (server.address() as AddressInfo).port,
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return { grpc, http, health, own, spans };
}

async function textOf(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}

/** The sum of a metric's samples whose labels include the given ones; undefined when there is none. */
export function sumOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const values = samplesOf(text, name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .map(({ value }) => value);
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

/** The samples of one metric in Prometheus text. */
export function samplesOf(text: string, name: string): { labels: Record<string, string>; value: number }[] {
  return text.split('\n').flatMap((line) => {
    const [, metric, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (metric !== name) return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [key, text]);
    return [{ labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }];
  });
}
