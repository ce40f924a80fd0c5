import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { build } from '../launcher/build.ts';
import { LaunchError, describeFailure } from '../launcher/failure.ts';
import { defaultDataDirectory, workspaceRoot } from '../launcher/workspace.ts';
import { Engine, standInForNode } from './engine.ts';

const usage = `Builds the images of the eight services and tries each one: what it holds, how it starts, answers and stops.

  npm run images [-- --only <service>] [--data <dir>] [--keep-engine]

  --only <service>  this one; may be given several times
  --data <dir>      where an engine of our own keeps its data; default .data/images
  --keep-engine     leave an engine of our own running; the last line says how to reach it
`;

const baseImage = 'node:24-bookworm-slim';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      data: { type: 'string', default: path.join(defaultDataDirectory, 'images') },
      'keep-engine': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const directory = path.resolve(values.data);
  mkdirSync(directory, { recursive: true });
  const engine = await Engine.acquire(directory);
  try {
    await provideBase(engine, directory);
    await run(engine, directory, values.only);
    for (const [name, value] of Object.entries(values['keep-engine'] ? engine.clientEnvironment : {})) {
      process.stdout.write(`export ${name}=${value}\n`);
    }
    return 0;
  } finally {
    if (!values['keep-engine']) await engine.release();
  }
}

async function provideBase(engine: Engine, directory: string): Promise<void> {
  if (await engine.has(baseImage)) return;
  process.stdout.write(`${baseImage} cannot be pulled: a stand-in is made of Debian's packages and npm's node\n`);
  await standInForNode(engine, baseImage, directory);
}

async function run(engine: Engine, directory: string, only: readonly string[] | undefined): Promise<void> {
  await build(() => undefined, new AbortController().signal);
  // Loaded late: they import libraries, which a fresh checkout has only just built.
  const { serviceNames } = await import('@signalpress/contracts');
  const { buildImage } = await import('./build.ts');
  const { tryImage } = await import('./trial.ts');
  const { acquireEmbeddedPostgres } = await import('@signalpress/persistence/embedded');
  const chosen = serviceNames.filter((name) => only === undefined || only.includes(name));
  if (chosen.length === 0) throw new LaunchError(`--only takes one of ${serviceNames.join(', ')}`);
  const { stdout: revision } = await execa('git', ['rev-parse', '--short', 'HEAD'], { cwd: workspaceRoot });
  for (const service of chosen) await buildImage(engine, service, { tag: revision, revision });
  const database = await acquireEmbeddedPostgres({
    dataDirectory: path.join(directory, `postgres-${process.pid}`),
    owner: 'images',
    fast: true,
  });
  try {
    for (const service of chosen) {
      const { bytes, readyMs, stopMs } = await tryImage(engine, { service, tag: revision, databaseUrl: database.url });
      process.stdout.write(
        `${service.padEnd(22)} ${(bytes / 1e6).toFixed(0).padStart(4)} MB  ready in ${(readyMs / 1e3).toFixed(1)} s  stopped in ${(stopMs / 1e3).toFixed(1)} s\n`,
      );
    }
  } finally {
    await database.release();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`images: ${describeFailure(error)}\n`);
  process.exitCode = 1;
}
