import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  /** How long to wait before failing, in milliseconds; default 20,000: only a failure takes so long, and machines are busy. */
  timeoutMs?: number;
  /** Pause between two looks, in milliseconds; default 20. */
  intervalMs?: number;
  /** What was waited for, to be read in the failure; a function is asked when the wait has failed. */
  message?: string | (() => string);
}

/**
 * Waits until the predicate gives a truthy value, and returns that value. A predicate that throws counts as "not yet"; its
 * last error becomes the cause of the failure.
 *
 * @throws Error when the time is up.
 */
export async function waitFor<T>(
  predicate: () => T | Promise<T>,
  { timeoutMs = 20_000, intervalMs = 20, message = 'the condition' }: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await predicate();
      if (isTruthy(value)) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() >= deadline) break;
    await sleep(intervalMs);
  }
  const what = typeof message === 'string' ? message : message();
  throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`, { cause: lastError });
}

function isTruthy<T>(value: T): value is Exclude<T, false | null | undefined | 0 | ''> {
  return Boolean(value);
}
