import type { MessagingTuning } from '../messaging.options.js';

/** Full jitter: evenly drawn from 0 to base × 2^failures, capped (AWS Architecture Blog, "Exponential Backoff And Jitter"). */
export function backoffMs(failures: number, tuning: MessagingTuning): number {
  // 2^30 milliseconds are 12 days: any cap is below.
  const ceiling = Math.min(tuning.backoffMaxMs, tuning.backoffBaseMs * 2 ** Math.min(failures, 30));
  return Math.random() * ceiling;
}

/** Resolves after `ms`, or at once when the signal aborts; the caller looks at the signal. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

/** Whether everything settled before the signal aborted. */
export async function settledBefore(work: Iterable<Promise<unknown>>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const all = Promise.allSettled(work);
  let aborted: (() => void) | undefined;
  const late = new Promise<false>((resolve) => {
    aborted = () => resolve(false);
    signal.addEventListener('abort', aborted, { once: true });
  });
  try {
    return await Promise.race([all.then(() => true), late]);
  } finally {
    if (aborted !== undefined) signal.removeEventListener('abort', aborted);
  }
}
