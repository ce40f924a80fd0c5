import type { Ground } from './ground.ts';
import { measure } from './measure.ts';
import type { Sample, Sizes } from './measure.ts';
import type { Variant } from './variants.ts';

/** One line of the table. */
export interface Case {
  readonly variant: Variant;
  readonly partitions: number;
}

export const casesOf = (list: readonly Variant[]): Case[] =>
  [...new Set(list.flatMap((variant) => variant.partitions))]
    .sort((a, b) => a - b)
    .flatMap((partitions) =>
      list.filter((variant) => variant.partitions.includes(partitions)).map((variant) => ({ variant, partitions })),
    );

export interface RoundsOptions {
  readonly rounds: number;
  readonly sizes: Sizes;
  readonly ground: Ground;
  readonly say: (line: string) => void;
}

/**
 * Measures all cases in rounds, those of one number of partitions next to each other, every other round backwards: what
 * drifts over a round weighs on all alike.
 *
 * @returns the samples of each case in the order of the rounds.
 */
export async function measureRounds(
  cases: readonly Case[],
  { rounds, sizes, ground, say }: RoundsOptions,
): Promise<ReadonlyMap<Case, readonly Sample[]>> {
  const samples = new Map<Case, Sample[]>(cases.map((one) => [one, []]));
  for (let round = 1; round <= rounds; round += 1) {
    const order = round % 2 === 1 ? cases : [...cases].reverse();
    for (const one of order) {
      const sample = await measure(one.variant, one.partitions, sizes, ground);
      samples.get(one)?.push(sample);
      say(
        `round ${round}/${rounds}  ${one.variant.name.padEnd(12)} ${one.partitions} partitions  ` +
          `${sample.eventsPerSecond.toFixed(0).padStart(5)}/s  ${sample.microsecondsPerEvent.toFixed(0).padStart(4)} µs  ` +
          `p50 ${sample.latency.p50.toFixed(1)} ms  p99 ${sample.latency.p99.toFixed(1)} ms`,
      );
    }
  }
  return samples;
}
