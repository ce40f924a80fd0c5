import { LaunchError } from '../launcher/failure.ts';
import type { StartOptions } from './options.ts';
import { unanswered } from './report.ts';
import { Run } from './run.ts';
import { isLive, runSteps } from './screen.ts';
import { describeAddresses, describeListings } from './summary.ts';

/** From the database to the last outcome, and back again. @returns the exit code. */
export async function runSession(options: StartOptions, stop: AbortController): Promise<number> {
  const run = new Run(options, stop.signal);
  const stopped = new Promise<void>((resolve) =>
    stop.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  killOnSecondSignal(run);
  try {
    await runSteps(run.steps(), isLive(options));
    await finish(run, options, stopped);
    return exitCode(run, options);
  } catch (error) {
    if (stop.signal.aborted) return 0;
    throw error;
  } finally {
    process.stderr.write('Stopping…\n');
    await run.stop();
  }
}

async function finish(run: Run, options: StartOptions, stopped: Promise<void>): Promise<void> {
  if (options.json) process.stdout.write(`${JSON.stringify(run.report)}\n`);
  else process.stdout.write(describeListings(await run.timelines()));
  if (options.untilIdle) return;
  process.stdout.write(`${describeAddresses(options.portOffset, options.dataDirectory, run.newAdminKey)}\n`);
  const failure = await Promise.race([stopped, run.firstEnd()]);
  if (failure instanceof LaunchError) throw failure;
}

/** Unattended, a run has succeeded when every item has an outcome that is an answer. */
function exitCode(run: Run, options: StartOptions): number {
  if (!options.untilIdle) return 0;
  return run.report?.items.every((item) => item.detail !== unanswered) === true ? 0 : 1;
}

/** The first signal asks for an orderly stop (main.ts listens for it); a second one ends what is left at once. */
function killOnSecondSignal(run: Run): void {
  let signals = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      signals += 1;
      if (signals > 1) run.kill();
    });
  }
}
