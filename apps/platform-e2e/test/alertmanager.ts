import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { json as readJson } from 'node:stream/consumers';
import { waitFor } from '@signalpress/testing';
import { parse, stringify } from 'yaml';
import { workspaceRoot } from './platform.js';
import { freePort } from './prometheus.js';

/** Debian's name for it. */
const program = 'prometheus-alertmanager';

interface Config {
  global?: Record<string, unknown>;
  route: Record<string, unknown>;
  receivers: { pagerduty_configs?: Record<string, unknown>[]; webhook_configs?: Record<string, unknown>[] }[];
}

export type Labels = Readonly<Record<string, string>>;

/** Where the two receivers lead in a run. */
export interface Receivers {
  readonly pagerDutyUrl: string;
  readonly pagerDutyKey: string;
  readonly ticketsUrl: string;
}

export function isAlertmanagerInstalled(): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}

/** A real Alertmanager with the routes, the groups, the inhibitions and the receivers of docker/alertmanager. */
export class Alertmanager {
  private readonly closed: Promise<unknown>;
  private log = '';

  private constructor(
    private readonly child: ChildProcess,
    /** `host:port` */
    readonly address: string,
  ) {
    child.stderr?.on('data', (chunk: Buffer) => (this.log = (this.log + chunk.toString()).slice(-8_000)));
    this.closed = once(child, 'close');
  }

  /** @param directory a folder of its own */
  static async start(directory: string, receivers: Receivers): Promise<Alertmanager> {
    mkdirSync(directory, { recursive: true });
    const configFile = path.join(directory, 'alertmanager.yml');
    writeFileSync(configFile, stringify(localConfig(directory, receivers)));
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      program,
      [
        `--config.file=${configFile}`,
        `--storage.path=${path.join(directory, 'data')}`,
        `--web.listen-address=${address}`,
        // Alone: no gossip with others.
        '--cluster.listen-address=',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const alertmanager = new Alertmanager(child, address);
    await waitFor(() => alertmanager.isReady(), { timeoutMs: 30_000, message: () => alertmanager.log });
    return alertmanager;
  }

  /** Tells of alerts, as Prometheus does; each is over after `forMs`. */
  async tell(alerts: readonly Labels[], forMs: number): Promise<void> {
    const startsAt = new Date();
    const body = alerts.map((labels) => ({
      labels,
      annotations: { summary: 'Said by a test', runbook_url: 'http://runbooks.example/Test.md' },
      startsAt: startsAt.toISOString(),
      endsAt: new Date(startsAt.getTime() + forMs).toISOString(),
      generatorURL: 'http://prometheus.example/graph',
    }));
    const response = await fetch(`http://${this.address}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`alertmanager answered ${response.status}: ${await response.text()}`);
  }

  /** The alerts that stand, and which of them are silent because others stand. */
  async standing(): Promise<{ labels: Labels; isInhibited: boolean }[]> {
    const response = await fetch(`http://${this.address}/api/v2/alerts`);
    const alerts = (await response.json()) as { labels: Labels; status: { inhibitedBy: string[] } }[];
    return alerts.map(({ labels, status }) => ({ labels, isInhibited: status.inhibitedBy.length > 0 }));
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.closed;
  }

  private async isReady(): Promise<boolean> {
    if (this.child.exitCode !== null) throw new Error(`${program} ended: ${this.log}`);
    const response = await fetch(`http://${this.address}/-/ready`).catch(() => undefined);
    return response?.ok === true;
  }
}

/** That of docker/alertmanager; only addresses, the secret and the two waits before a notification differ. */
function localConfig(directory: string, { pagerDutyUrl, pagerDutyKey, ticketsUrl }: Receivers): Config {
  const config = parse(
    readFileSync(path.join(workspaceRoot, 'docker/alertmanager/alertmanager.yml'), 'utf8'),
  ) as Config;
  const keyFile = path.join(directory, 'pagerduty_routing_key');
  writeFileSync(keyFile, pagerDutyKey, { mode: 0o600 });
  return {
    ...config,
    global: { ...config.global, pagerduty_url: pagerDutyUrl },
    route: { ...config.route, group_wait: '1s', group_interval: '1s' },
    receivers: config.receivers.map((receiver) => ({
      ...receiver,
      ...(receiver.pagerduty_configs && {
        pagerduty_configs: receiver.pagerduty_configs.map((one) => ({ ...one, routing_key_file: keyFile })),
      }),
      ...(receiver.webhook_configs && {
        webhook_configs: receiver.webhook_configs.map((one) => ({ ...one, url: ticketsUrl })),
      }),
    })),
  };
}

/** What Alertmanager's webhook hands to a tracker. */
export class Tickets {
  readonly alerts: string[] = [];
  /** The same, as they came together. */
  readonly deliveries: string[][] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      void readJson(request).then((body) => {
        const { alerts } = body as { alerts: { labels: Record<string, string> }[] };
        const names = alerts.map(({ labels }) => `${labels['alertname']} ${labels['service']}`);
        this.alerts.push(...names);
        this.deliveries.push(names.sort());
        response.end();
      });
    });
  }

  static async start(): Promise<Tickets> {
    const tickets = new Tickets();
    tickets.server.listen(0, '127.0.0.1');
    await once(tickets.server, 'listening');
    return tickets;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/alerts`;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }
}
