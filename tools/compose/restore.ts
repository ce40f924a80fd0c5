import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Door } from './door.ts';
import { backupAndRestore } from './guide.ts';
import { check } from './report.ts';
import { takeIn } from './sample.ts';
import type { Stack } from './stack.ts';

/**
 * Backup while everything runs and nothing is under way; loss of database and files; restore: in the very words of
 * docs/deployment.md. Kafka is not lost.
 */
export async function whatIsLostComesBack(door: Door, stack: Stack): Promise<void> {
  const { backup, restore } = backupAndRestore();
  const listings = await door.listings();
  const progress = await door.progress();
  const files = await filesOf(stack);
  await stack.shell(backup);
  await lose(stack);
  const isLost = await door.listings().then(
    () => false,
    () => true,
  );
  check(isLost, 'the files and the tables of the publisher are gone, and with them every listing');
  await stack.shell(restore);
  await stack.up();
  const isSame = isDeepStrictEqual(await door.listings(), listings);
  check(isSame, `the guide's backup and restore: the same ${listings.length} listings again`);
  check((await filesOf(stack)) === files, `and ${files.split('\n').length} files, each as it was`);
  const again = await takeIn(door);
  const accepted = again.reduce((sum, { totals }) => sum + totals.accepted, 0);
  check(accepted === 0, 'the sample again: nothing in it is new');
  // Whatever would be done twice is done by workers that look for work every second.
  await sleep(10_000);
  const { mockups, listings: published } = await door.progress();
  const repeated = mockups - progress.mockups + published - progress.listings;
  check(repeated === 0, 'no mockup and no listing was made a second time');
}

async function lose(stack: Stack): Promise<void> {
  const everything = ['/data/files', '-mindepth', '1', '-delete'];
  await stack.compose('exec', '-T', 'mockup-generation', 'find', ...everything);
  const gone = ['-c', 'drop schema publisher cascade'];
  await stack.compose('exec', '-T', 'timescaledb', 'psql', '-U', 'postgres', '-d', 'signalpress', ...gone);
}

/** Owner, mode and checksum of every file in the volume. */
async function filesOf(stack: Stack): Promise<string> {
  const script = 'find . -type f -printf "%u %m %p " -exec sha256sum {} \\; | sort';
  return stack.compose('exec', '-T', 'mockup-generation', 'sh', '-c', `cd /data/files && ${script}`);
}
