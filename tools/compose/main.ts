import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { Engine, provideBase } from '../images/engine.ts';
import { build } from '../launcher/build.ts';
import { describeFailure, LaunchError } from '../launcher/failure.ts';
import { defaultDataDirectory } from '../launcher/workspace.ts';

const usage = `Runs docker-compose.yml by "docker compose" with our own images, and tries what docs/deployment.md says of it.

  npm run compose:up [-- --data <dir>]

  --data <dir>  where the engine keeps its data; default .data/images

Takes root, Debian's packages docker.io, iptables, debootstrap and iproute2, Java 17, Maven and Go. What is started is stopped.
`;

/**
 * Two steps: everything that has to be fetched, with the network; then the run, in a network of its own that reaches nobody and in
 * which no port is taken.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: path.join(defaultDataDirectory, 'images') },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const directory = path.resolve(values.data);
  mkdirSync(directory, { recursive: true });
  const engine = await Engine.acquire(directory, { own: true });
  let version: string;
  try {
    await provideBase(engine, directory);
    await build(() => undefined, new AbortController().signal, ['testing']);
    // Loaded late: it imports libraries, which a fresh checkout has only just built.
    const { prepare } = await import('./prepare.ts');
    version = await prepare(engine, directory);
  } finally {
    await engine.release();
  }
  const program = [process.execPath, path.join(import.meta.dirname, 'inside.ts'), directory, version];
  const inside = ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...program];
  const { failed } = await execa('unshare', inside, { stdio: 'inherit', reject: false });
  if (failed) throw new LaunchError('something does not hold');
}

try {
  await main();
} catch (error) {
  process.stderr.write(`compose: ${describeFailure(error)}\n`);
  process.exitCode = 1;
}
