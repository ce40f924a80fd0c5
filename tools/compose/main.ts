import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Engine, provideBase } from '../images/engine.ts';
import { build } from '../launcher/build.ts';
import { describeFailure } from '../launcher/failure.ts';
import { defaultDataDirectory } from '../launcher/workspace.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { data: { type: 'string', default: path.join(defaultDataDirectory, 'images') } },
  });
  const directory = path.resolve(values.data);
  mkdirSync(directory, { recursive: true });
  const engine = await Engine.acquire(directory);
  try {
    await provideBase(engine, directory);
    await build(() => undefined, new AbortController().signal);
    // Loaded late: it imports libraries, which a fresh checkout has only just built.
    const { smoke } = await import('./smoke.ts');
    await smoke(engine);
  } finally {
    await engine.release();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`compose: ${describeFailure(error)}\n`);
  process.exitCode = 1;
}
