import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { serviceNames } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
import { leaseDatabase } from '../launcher/database.ts';
import type { LeasedDatabase } from '../launcher/database.ts';
import { serviceEnvironment, servicePort } from '../launcher/environment.ts';
import { describeFailure, LaunchError } from '../launcher/failure.ts';
import { loadKeys } from '../launcher/keys.ts';
import { assertPortsFree } from '../launcher/service-process.ts';
import { defaultDataDirectory, workspaceRoot } from '../launcher/workspace.ts';

/** `nx serve <service>`: the compiler and the service, both watching, on a leased database. */
async function main(): Promise<void> {
  const { service, port } = parseArguments();
  mkdirSync(defaultDataDirectory, { recursive: true });
  await assertPortsFree([service], port - servicePort(service, 0));
  const keys = loadKeys(defaultDataDirectory);
  if (keys.newAdminKey !== undefined) process.stdout.write(`Admin key, shown this once: ${keys.newAdminKey}\n`);
  const database = await databaseFor(service);
  try {
    const run = { dataDirectory: defaultDataDirectory, portOffset: 0, databaseUrl: database.url, ...keys };
    // The other services are where they always are; only this one may stand elsewhere, beside another instance.
    await watch(service, port, { ...serviceEnvironment(service, run), PORT: String(port) });
  } finally {
    await database.release();
  }
}

/** The gateway keeps no state. */
async function databaseFor(service: ServiceName): Promise<LeasedDatabase> {
  if (service === 'api-gateway') return { url: '', release: () => Promise.resolve() };
  return leaseDatabase(defaultDataDirectory, `nx serve ${service}`);
}

function parseArguments(): { service: ServiceName; port: number } {
  const usage = `usage: npx nx serve <${serviceNames.join('|')}> [--port-offset <n>]`;
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { 'port-offset': { type: 'string' } },
    });
    const service = serviceNames.find((name) => name === positionals[0]);
    const offset = Number(values['port-offset'] ?? 0);
    if (service === undefined || !Number.isInteger(offset)) throw new LaunchError(usage);
    const port = servicePort(service, offset);
    if (port < 1 || port > 65_535) throw new LaunchError(`port ${port} does not exist`);
    return { service, port };
  } catch (error) {
    throw error instanceof LaunchError ? error : new LaunchError(usage, { cause: error });
  }
}

/** Resolves when a signal has stopped both processes, or when one of them ends. */
async function watch(service: ServiceName, port: number, env: NodeJS.ProcessEnv): Promise<void> {
  const cwd = path.join(workspaceRoot, 'apps', service);
  const compiler = path.join(workspaceRoot, 'node_modules/typescript/bin/tsc');
  const children = [
    spawnNode([compiler, '-b', 'tsconfig.lib.json', '--watch', '--preserveWatchOutput'], cwd, process.env),
    spawnNode(['--watch', '--watch-preserve-output', '--enable-source-maps', 'dist/main.js'], cwd, env),
  ];
  process.stdout.write(`${service} on http://127.0.0.1:${port}, watching its sources\n`);
  const exits = children.map((child) => once(child, 'exit'));
  await Promise.race([nextSignal(), ...exits]);
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(exits);
}

/** A session of its own, so that Ctrl-C reaches this tool first and the database outlives the service. */
function spawnNode(args: string[], cwd: string, env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
}

function nextSignal(): Promise<unknown> {
  return Promise.race((['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => once(process, name)));
}

try {
  await main();
} catch (error) {
  process.stderr.write(`serve: ${describeFailure(error)}\n`);
  process.exitCode = 1;
}
