import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../launcher/build.ts';
import { describeFailure } from '../launcher/failure.ts';
import { defaultDataDirectory } from '../launcher/workspace.ts';
import { Engine, provideBase } from './engine.ts';

const usage = `Builds the images of the eight services and tries each one: what it holds, how it starts, answers and stops.

  npm run images [-- --only <service>] [--data <dir>] [--keep-engine]

  --only <service>  this one; may be given several times
  --data <dir>      where an engine of our own keeps its data; default .data/images
  --keep-engine     leave an engine of our own running; the last line says how to reach it
`;

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
    await build(() => undefined, new AbortController().signal);
    // Loaded late: it imports libraries, which a fresh checkout has only just built.
    const { buildAndTry } = await import('./run.ts');
    await buildAndTry(engine, directory, values.only);
    for (const [name, value] of Object.entries(values['keep-engine'] ? engine.clientEnvironment : {})) {
      process.stdout.write(`export ${name}=${value}\n`);
    }
    return 0;
  } finally {
    if (!values['keep-engine']) await engine.release();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`images: ${describeFailure(error)}\n`);
  process.exitCode = 1;
}
