import { execa } from 'execa';
import { serviceNames } from '@signalpress/contracts';
import { buildImage } from '../images/build.ts';
import type { Engine } from '../images/engine.ts';
import { workspaceRoot } from '../launcher/workspace.ts';
import { say } from './report.ts';
import { composePlugin } from './stack.ts';
import { buildStandIns } from './stand-ins.ts';

/**
 * Everything that the run needs and that has to be fetched: `docker compose`, our images, those that stand in.
 *
 * @returns the version under which our images are built
 */
export async function prepare(engine: Engine, directory: string): Promise<string> {
  await composePlugin(directory);
  const { stdout: tag } = await execa('git', ['rev-parse', '--short', 'HEAD'], { cwd: workspaceRoot });
  for (const service of serviceNames) await buildImage(engine, service, { tag, revision: tag });
  say('the eight images are built');
  await buildStandIns(engine, directory);
  return tag;
}
