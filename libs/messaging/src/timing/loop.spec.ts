import { describe, expect, it } from '@jest/globals';
import { waitFor } from '@signalpress/testing';
import { Loop } from './loop.js';

describe('A loop', () => {
  it('tells of a row of failures once, also when some passes between them succeed, and once of their end', async () => {
    const told: string[] = [];
    let passes = 0;
    let broken = true;
    const loop = new Loop({
      name: 'spec',
      everyMs: 1,
      steadyMs: 100,
      pass: () => {
        passes += 1;
        return broken && passes % 2 === 0 ? Promise.reject(new Error(`pass ${passes}`)) : Promise.resolve(undefined);
      },
      onFault: (name, error) => told.push(error instanceof Error ? `${name}: ${error.message}` : `${name} works`),
    });
    loop.start();
    await waitFor(() => passes > 20);
    expect(told).toEqual(['spec: pass 2']);
    broken = false;
    await waitFor(() => told.length > 1);
    await loop.stop();
    expect(told).toEqual(['spec: pass 2', 'spec works']);
  });
});
