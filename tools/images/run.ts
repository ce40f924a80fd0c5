import { rmSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { serviceNames } from '@signalpress/contracts';
import { LaunchError } from '../launcher/failure.ts';
import { workspaceRoot } from '../launcher/workspace.ts';
import { buildImage } from './build.ts';
import type { Engine } from './engine.ts';
import { tryImage } from './trial.ts';

/** Builds the images, tries each one with a database of its own making, and prints a line about each. */
export async function buildAndTry(
  engine: Engine,
  directory: string,
  only: readonly string[] | undefined,
): Promise<void> {
  const chosen = serviceNames.filter((name) => only === undefined || only.includes(name));
  if (chosen.length === 0) throw new LaunchError(`--only takes one of ${serviceNames.join(', ')}`);
  const { stdout: revision } = await execa('git', ['rev-parse', '--short', 'HEAD'], { cwd: workspaceRoot });
  for (const service of chosen) {
    const began = performance.now();
    await buildImage(engine, service, { tag: revision, revision });
    process.stdout.write(`${service.padEnd(22)} built in ${seconds(performance.now() - began)}\n`);
  }
  const { acquireEmbeddedPostgres } = await import('@signalpress/persistence/embedded');
  const dataDirectory = path.join(directory, `postgres-${process.pid}`);
  const database = await acquireEmbeddedPostgres({ dataDirectory, owner: 'images', fast: true });
  try {
    for (const service of chosen) {
      const { bytes, readyMs, stopMs } = await tryImage(engine, { service, tag: revision, databaseUrl: database.url });
      const size = `${(bytes / 1e6).toFixed(0)} MB`;
      process.stdout.write(
        `${service.padEnd(22)} ${size}  ready in ${seconds(readyMs)}  stopped in ${seconds(stopMs)}\n`,
      );
    }
  } finally {
    await database.release();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
