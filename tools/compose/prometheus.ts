import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames, services } from '@signalpress/contracts';
import { LaunchError } from '../launcher/failure.ts';
import { workspaceRoot } from '../launcher/workspace.ts';
import type { Containers } from './containers.ts';
import { freePort } from './postgres.ts';

const upMs = 120_000;

/** Debian's Prometheus in the place of the image, with docker/prometheus/prometheus.yml; only addresses differ. */
export class StandInPrometheus {
  private readonly child: ChildProcess;
  private readonly url: string;

  private constructor(child: ChildProcess, url: string) {
    this.child = child;
    this.url = url;
  }

  static async start(directory: string, containers: Containers, metricsToken: string): Promise<StandInPrometheus> {
    mkdirSync(directory, { recursive: true });
    const token = path.join(directory, 'metrics_token');
    writeFileSync(token, metricsToken, { mode: 0o600 });
    const source = path.join(workspaceRoot, 'docker/prometheus');
    const config = serviceNames.reduce(
      (text, name) => text.replace(`${name}:${services[name].containerPort}`, `127.0.0.1:${containers.port(name)}`),
      readFileSync(path.join(source, 'prometheus.yml'), 'utf8')
        .replace('/run/secrets/metrics_token', token)
        .replace('rules/*.yml', `${source}/rules/*.yml`)
        .replaceAll(/(scrape|evaluation)_interval: 15s/g, '$1_interval: 2s')
        .replace('scrape_timeout: 10s', 'scrape_timeout: 2s'),
    );
    const file = path.join(directory, 'prometheus.yml');
    writeFileSync(file, config);
    const address = `127.0.0.1:${await freePort()}`;
    const flags = [`--config.file=${file}`, `--storage.tsdb.path=${directory}/data`, `--web.listen-address=${address}`];
    const child = spawn('prometheus', [...flags, '--enable-feature=exemplar-storage'], { stdio: 'ignore' });
    return new StandInPrometheus(child, `http://${address}`);
  }

  /** Waits until every target answers. @returns the jobs that do. @throws LaunchError that says which do not, and why */
  async up(): Promise<string[]> {
    const deadline = Date.now() + upMs;
    for (;;) {
      const targets = await this.targets();
      if (targets.length === serviceNames.length && targets.every(({ health }) => health === 'up')) {
        return targets.map(({ labels }) => labels.job).sort();
      }
      if (Date.now() > deadline) throw new LaunchError(`not all targets are up: ${JSON.stringify(targets)}`);
      await sleep(1_000);
    }
  }

  async stop(): Promise<void> {
    const closed = once(this.child, 'close');
    this.child.kill('SIGTERM');
    await closed;
  }

  private async targets(): Promise<{ labels: { job: string }; health: string; lastError: string }[]> {
    const response = await fetch(`${this.url}/api/v1/targets`).catch(() => undefined);
    if (response?.ok !== true) return [];
    const { data } = (await response.json()) as {
      data: { activeTargets: { labels: { job: string }; health: string; lastError: string }[] };
    };
    return data.activeTargets.map(({ labels: { job }, health, lastError }) => ({ labels: { job }, health, lastError }));
  }
}
