import { abortCutOver, cutOver, prepareTopics } from '@signalpress/messaging/operations';
import { leaseDatabase } from '../launcher/database.ts';
import { defaultDataDirectory } from '../launcher/workspace.ts';
import { brokerOf } from './broker.ts';
import { consumers } from './options.ts';
import type { CutOverCommand } from './options.ts';

/** Obeys the command on the installation that the shell names. */
export async function move({ command, drainMs, without }: CutOverCommand, tell: (line: string) => void): Promise<void> {
  const broker = command === 'cut-over' ? brokerOf(process.env) : undefined;
  const groups = consumers.filter((name) => !without.includes(name));
  const lease = await leaseDatabase(defaultDataDirectory, 'transport-cutover');
  // Loaded late, as leaseDatabase does it.
  const { Database } = await import('@signalpress/persistence');
  const db = new Database({
    databaseUrl: lease.url,
    schema: 'events',
    applicationName: 'transport-cutover',
    poolMax: 2,
  });
  try {
    if (broker === undefined) await abortCutOver(db, tell);
    else await cutOver(db, { groups, drainMs, prepare: () => prepareTopics(broker), tell, signal: interrupted() });
  } finally {
    await db.close();
    await lease.release();
  }
}

/** Ctrl-C puts the installation back instead of leaving it in the middle. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
