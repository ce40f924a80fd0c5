import { expect, it } from '@jest/globals';
import { RequestBudget } from './request-budget.js';

it('lets a second’s worth through at once and spreads what comes after', async () => {
  const budget = new RequestBudget(20);
  const took = async (requests: number): Promise<number> => {
    const start = performance.now();
    for (let request = 0; request < requests; request += 1) await budget.take();
    return performance.now() - start;
  };
  const [burst, spread] = [await took(20), await took(10)];
  // Ten more at 20 a second are half a second; timers may fire a millisecond early.
  expect(spread).toBeGreaterThan(440);
  expect(burst).toBeLessThan(spread);
});

it('stops waiting when it is told to', async () => {
  const budget = new RequestBudget(1);
  await budget.take();
  await budget.take();
  const abort = new AbortController();
  const waiting = budget.take(abort.signal);
  abort.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});
