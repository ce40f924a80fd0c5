import { Engine } from '../images/engine.ts';
import { describeFailure } from '../launcher/failure.ts';
import { smoke } from './smoke.ts';

/** The second step of `npm run compose:up`, in a network of its own: an engine over the images that the first step built. */
async function main([directory = '', version = '']: readonly string[]): Promise<void> {
  const engine = await Engine.acquire(directory, { own: true });
  try {
    await smoke(engine, directory, version);
  } finally {
    await engine.release();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`compose: ${describeFailure(error)}\n`);
  process.exitCode = 1;
}
