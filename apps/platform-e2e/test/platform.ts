import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serviceNames, services } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';

export const workspaceRoot = path.resolve(import.meta.dirname, '../../..');

/** Set in CI: a missing Prometheus is then a failure, not something that is left out. */
export const prometheusIsRequired = process.env['REQUIRE_PROMETHEUS'] === '1';

/** Folder for what the dashboards' queries were answered, from which `npm run dashboards:pictures` draws; kept only when it is set. */
export const answersFolder = process.env['DASHBOARD_ANSWERS'];

/** Set where the whole check runs: a collector that cannot be built is then a failure too. */
export const collectorIsRequired = process.env['REQUIRE_COLLECTOR'] === '1';

/** What `npm start -- --json` prints, as far as the tests look at it. */
export interface Report {
  readonly items: readonly ReportedItem[];
  readonly feeds: ReadonlyArray<Readonly<Record<string, unknown>> & { readonly feed: string; readonly items: number }>;
  readonly totals: Readonly<Record<string, number>>;
  readonly publishLatencyMs: {
    readonly ideas: number;
    readonly p50: number;
    readonly p95: number;
    readonly max: number;
  } | null;
  readonly wallMs: number;
}

export interface ReportedItem {
  readonly feed: string;
  readonly index: number;
  readonly externalId: string | null;
  readonly title: string | null;
  readonly outcome: string;
  readonly detail: string | null;
  readonly signalId: string | null;
  readonly ideaId: string | null;
  readonly urls: readonly string[];
  readonly publishLatencyMs: number | null;
}

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a program that is none of ours: this one's, without the options of the test runner. */
export function environmentWith(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: '', ...more };
}

/** A folder of its own for one run, which the database's user may enter too: PostgreSQL refuses to run as root. */
export function makeFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'signalpress-e2e-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** `npm start` as a process of its own, on a data directory and ports of its own. */
export class Start {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  private readonly closed: Promise<number | null>;

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, ['tools/start/main.ts', ...args], {
      cwd: workspaceRoot,
      env: environmentWith(environment),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.closed = once(this.child, 'close').then(() => this.child.exitCode);
  }

  async finished(): Promise<Finished> {
    const exitCode = await this.closed;
    return { exitCode, stdout: this.stdout, stderr: this.stderr };
  }

  /** Ctrl-C, and the wait for everything to be given back. */
  async interrupt(): Promise<Finished> {
    this.child.kill('SIGINT');
    return this.finished();
  }
}

/** @throws Error with what the run said, when it did not print exactly one line. */
export function parseReport({ stdout, stderr }: Finished): Report {
  if (!/^\{.*\}\n$/.test(stdout))
    throw new Error(`expected one line of JSON, got:\n${stdout}\n${stderr.slice(-4_000)}`);
  return JSON.parse(stdout) as Report;
}

/** Where a run keeps the token that the gateway's metrics need. */
export function metricsTokenFile(dataDirectory: string): string {
  return path.join(dataDirectory, 'keys', 'metrics-token');
}

export function urlOf(service: ServiceName, portOffset: number): string {
  return `http://127.0.0.1:${services[service].localPort + portOffset}`;
}

/** Ports of the eight services that somebody still listens on. */
export async function openPorts(portOffset: number): Promise<number[]> {
  const ports = serviceNames.map((name) => services[name].localPort + portOffset);
  const open = await Promise.all(ports.map(async (port) => ((await isOpen(port)) ? [port] : [])));
  return open.flat();
}

/** Processes whose command line mentions `text`: nothing may be left of a run. */
export function processesMentioning(text: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return command.includes(text) ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}

/** Files below a folder that hold one of the texts, byte for byte. */
export function filesHolding(directory: string, texts: readonly string[]): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => {
      const bytes = readFileSync(file);
      return texts.some((text) => bytes.includes(text));
    });
}

/** The log of a service, line by line. */
export function logLines(dataDirectory: string, service: ServiceName): Record<string, unknown>[] {
  return readFileSync(path.join(dataDirectory, 'logs', `${service}.log`), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function isOpen(port: number): Promise<boolean> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
