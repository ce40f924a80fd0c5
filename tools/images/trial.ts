import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '@signalpress/contracts';
import { LaunchError } from '../launcher/failure.ts';
import { contentProblems } from './contents.ts';
import type { Engine } from './engine.ts';
import { imageOf, withDatabase } from './services.ts';

/** Generous: the machine may be busy. */
const readyMs = 120_000;
/** What orchestrators grant by default; the service itself takes at most 10 s. */
const stopGraceSeconds = 30;
const SIGTERM_EXIT = 143;

/** How a container of ours runs everywhere: nothing that it could do without. */
export const hardening = [
  '--read-only',
  ...['--cap-drop', 'ALL'],
  ...['--security-opt', 'no-new-privileges'],
  ...['--tmpfs', '/tmp:rw,noexec,nosuid,size=64m'],
  ...['--pids-limit', '200'],
  ...['--network', 'host'],
];

export interface Trial {
  readonly service: ServiceName;
  readonly tag: string;
  readonly databaseUrl: string;
}

export interface Verdict {
  readonly bytes: number;
  readonly readyMs: number;
  readonly stopMs: number;
}

/** Looks into the image, starts it as it runs in production, asks it, and stops it. @throws LaunchError at the first fault */
export async function tryImage(engine: Engine, trial: Trial): Promise<Verdict> {
  await assertContents(engine, trial);
  await assertLabels(engine, trial);
  if (withDatabase.includes(trial.service)) await assertMigrates(engine, trial);
  await assertEndsWhileStarting(engine, trial);
  const times = await assertServes(engine, trial);
  const bytes = Number(
    await engine.docker(['image', 'inspect', '--format', '{{.Size}}', imageOf(trial.service, trial.tag)]),
  );
  return { bytes, ...times };
}

function fail(trial: Trial, what: string): never {
  throw new LaunchError(`${imageOf(trial.service, trial.tag)}: ${what}`);
}

async function assertContents(engine: Engine, trial: Trial): Promise<void> {
  const image = imageOf(trial.service, trial.tag);
  const script = `
    const { readdirSync, readFileSync } = require('node:fs');
    const found = ['/app', '/data', '/root'].flatMap((folder) => {
      try { return readdirSync(folder, { recursive: true, withFileTypes: true }); } catch { return []; }
    }).map((entry) => entry.parentPath.slice(1) + '/' + entry.name + (entry.isDirectory() ? '/' : ''));
    const maps = found.filter((file) => file.endsWith('.js.map') && !file.includes('/node_modules/'));
    const sources = maps.filter((file) => readFileSync('/' + file, 'utf8').includes('sourcesContent'));
    process.stdout.write(JSON.stringify({ found, sources, uid: process.getuid() }));`;
  const run = ['run', '--rm', '--network', 'none', '--entrypoint', 'node'];
  // As root, to see what the service itself may not; and as the image says, for who that is.
  const seen = await engine.docker([...run, '--user', '0', image, '-e', script]);
  const { found, sources } = JSON.parse(seen) as { found: string[]; sources: string[] };
  const problems = [...contentProblems(trial.service, found), ...sources.map((file) => `source text is in ${file}`)];
  const { uid } = JSON.parse(await engine.docker([...run, image, '-e', script])) as { uid: number };
  if (uid === 0) problems.push('it runs as root');
  if (problems.length > 0) fail(trial, problems.join('; '));
}

async function assertLabels(engine: Engine, trial: Trial): Promise<void> {
  const image = imageOf(trial.service, trial.tag);
  const labels = JSON.parse(
    await engine.docker(['image', 'inspect', '--format', '{{json .Config.Labels}}', image]),
  ) as Record<string, string>;
  const names = ['title', 'description', 'licenses', 'version', 'revision', 'source'];
  const empty = names.filter((name) => (labels[`org.opencontainers.image.${name}`] ?? '') === '');
  if (empty.length > 0) fail(trial, `the labels ${empty.join(', ')} say nothing`);
}

async function assertMigrates(engine: Engine, trial: Trial): Promise<void> {
  const image = imageOf(trial.service, trial.tag);
  const migrate = ['run', '--rm', ...hardening, '-e', `DATABASE_URL=${trial.databaseUrl}`, image, 'migrate'];
  const first = await engine.docker(migrate);
  const second = await engine.docker(migrate);
  if (!first.includes('migrations applied: ')) fail(trial, `migrate said ${first}`);
  if (second !== `${trial.service}: nothing to migrate`) fail(trial, `migrate said ${second} the second time`);
}

/** As the first process of its container it gets no help from the kernel when it is told to end. */
async function assertEndsWhileStarting(engine: Engine, trial: Trial): Promise<void> {
  // A database that does not answer keeps the service in its start for 15 s.
  const id = await start(
    engine,
    { ...trial, databaseUrl: 'postgresql://nobody:nothing@127.0.0.1:9/none' },
    await freePort(),
  );
  try {
    if (trial.service === 'api-gateway') return;
    await until(
      async () => (await engine.logs(id)).includes('the database is away'),
      () => engine.logs(id),
    );
    await engine.docker(['kill', '--signal', 'SIGTERM', id]);
    const code = await engine.docker(['wait', id]);
    if (Number(code) !== SIGTERM_EXIT) fail(trial, `a signal during the start ended it with ${code}`);
  } finally {
    await engine.docker(['rm', '--force', id]);
  }
}

async function assertServes(engine: Engine, trial: Trial): Promise<{ readyMs: number; stopMs: number }> {
  const port = await freePort();
  const began = Date.now();
  const id = await start(engine, trial, port);
  try {
    await until(
      async () => (await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined))?.ok === true,
      () => engine.logs(id),
    );
    const ready = Date.now() - began;
    const live = await fetch(`http://127.0.0.1:${port}/health/live`);
    if (!live.ok) fail(trial, `/health/live answered ${live.status}`);
    const health = (): Promise<string> => engine.docker(['inspect', '--format', '{{.State.Health.Status}}', id]);
    await until(async () => (await health()) === 'healthy', health);
    const stopping = Date.now();
    await engine.docker(['stop', '--time', String(stopGraceSeconds), id]);
    const code = await engine.docker(['inspect', '--format', '{{.State.ExitCode}}', id]);
    if (code !== '0') fail(trial, `it ended with ${code}: ${await engine.logs(id)}`);
    return { readyMs: ready, stopMs: Date.now() - stopping };
  } finally {
    await engine.docker(['rm', '--force', id]);
  }
}

async function start(engine: Engine, { service, tag, databaseUrl }: Trial, port: number): Promise<string> {
  const environment = {
    HOST: '127.0.0.1',
    PORT: String(port),
    ...(withDatabase.includes(service) ? { DATABASE_URL: databaseUrl } : {}),
    ...(service === 'marketplace-publisher' ? { STOREFRONT_API_KEY: 'for-the-trial-of-this-image' } : {}),
    ...(service === 'mockup-generation' ? { FILES_DIRECTORY: '/data/files' } : {}),
  };
  const variables = Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  // Nameless, and so gone with the container.
  const volume = service === 'mockup-generation' ? ['-v', '/data/files'] : [];
  return engine.docker(['run', '--detach', ...hardening, ...volume, ...variables, imageOf(service, tag)]);
}

async function until(condition: () => Promise<boolean>, explain: () => Promise<string>): Promise<void> {
  const deadline = Date.now() + readyMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new LaunchError(`waited ${readyMs / 1_000} s in vain: ${await explain()}`);
    await sleep(200);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
