/** The same beginning and end for all variants: say where it listens, end when told to, stay until the counters are read. */

import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @param app a Nest application that is not listening yet.
 * @param flush sends what telemetry is queued; resolves when that is done.
 * @param settle is waited for before the application is closed.
 */
export async function host(app, flush = () => Promise.resolve(), settle = () => Promise.resolve()) {
  // Without a parent there is nobody to measure; without this a process that was left alone would stay.
  process.once('disconnect', () => process.exit(0));
  process.on('message', (message) => {
    if (message === 'finish') void finish(app, flush, settle);
    if (message === 'exit') process.exit(0);
  });
  await app.listen(0, '127.0.0.1');
  process.send({ kind: 'ready', port: app.getHttpServer().address().port });
}

async function finish(app, flush, settle) {
  let failure;
  try {
    await settle();
    await app.close();
    await flush();
    // Loggers gather lines for some milliseconds; the process is killed next, and then nothing runs that would write them.
    await sleep(100);
  } catch (error) {
    failure = String(error);
  }
  process.send({ kind: 'finished', failure });
}
