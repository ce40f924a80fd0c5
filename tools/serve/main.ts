import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
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
  const service = parseService(process.argv[2]);
  mkdirSync(defaultDataDirectory, { recursive: true });
  await assertPortsFree([service], 0);
  const keys = loadKeys(defaultDataDirectory);
  if (keys.newAdminKey !== undefined) process.stdout.write(`Admin key, shown this once: ${keys.newAdminKey}\n`);
  const database = await databaseFor(service);
  try {
    await watch(service, { dataDirectory: defaultDataDirectory, portOffset: 0, databaseUrl: database.url, ...keys });
  } finally {
    await database.release();
  }
}

/** The gateway keeps no state. */
async function databaseFor(service: ServiceName): Promise<LeasedDatabase> {
  if (service === 'api-gateway') return { url: '', release: () => Promise.resolve() };
  return leaseDatabase(defaultDataDirectory, `nx serve ${service}`);
}

function parseService(name: string | undefined): ServiceName {
  const service = serviceNames.find((one) => one === name);
  if (service === undefined) throw new LaunchError(`usage: npx nx serve <${serviceNames.join('|')}>`);
  return service;
}

/** Resolves when a signal has stopped both processes, or when one of them ends. */
async function watch(service: ServiceName, run: Parameters<typeof serviceEnvironment>[1]): Promise<void> {
  const cwd = path.join(workspaceRoot, 'apps', service);
  const compiler = path.join(workspaceRoot, 'node_modules/typescript/bin/tsc');
  const children = [
    spawnNode([compiler, '-b', 'tsconfig.lib.json', '--watch', '--preserveWatchOutput'], cwd, process.env),
    spawnNode(
      ['--watch', '--watch-preserve-output', '--enable-source-maps', 'dist/main.js'],
      cwd,
      serviceEnvironment(service, run),
    ),
  ];
  process.stdout.write(`${service} on http://127.0.0.1:${servicePort(service, 0)}, watching its sources\n`);
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
