import { measure } from './measure.ts';
import type { Sample, Setting } from './measure.ts';
import type { Variant } from './variants.ts';

/** A run of a variant between two runs of the bare service. */
export interface PairedSample extends Sample {
  /** CPU per request of the bare service, mean of the run before and the run after. */
  readonly bareMicroseconds: number;
}

/** After so many variants the bare service has its turn again, so that what is compared is near in time. */
const VARIANTS_BETWEEN_BARES = 3;

/**
 * Measures all variants in rounds, every other round backwards: what drifts over a round weighs on all alike.
 *
 * @param list with the bare service in front.
 * @returns the samples of each variant by name, one per round; more of the bare one.
 */
export async function measureRounds(
  list: readonly Variant[],
  rounds: number,
  setting: Setting,
  say: (line: string) => void,
): Promise<ReadonlyMap<string, readonly PairedSample[]>> {
  const samples = new Map<string, PairedSample[]>(list.map(({ name }) => [name, []]));
  const [bare, ...others] = list;
  if (bare === undefined) return samples;
  const one = async (variant: Variant, round: number): Promise<Sample> => {
    const sample = await measure(variant, setting);
    say(
      `round ${round}/${rounds}  ${variant.name.padEnd(16)} ${sample.microsecondsPerRequest.toFixed(1).padStart(6)} µs  ` +
        `${sample.requestsPerSecond.toFixed(0).padStart(6)}/s  missing ${sample.spansDropped ?? '-'}`,
    );
    return sample;
  };
  for (let round = 1; round <= rounds; round += 1) {
    const order = round % 2 === 1 ? others : [...others].reverse();
    let before = await one(bare, round);
    add(samples, bare, before, before.microsecondsPerRequest);
    for (const group of groupsOf(order)) {
      const measured: [Variant, Sample][] = [];
      for (const variant of group) measured.push([variant, await one(variant, round)]);
      const after = await one(bare, round);
      add(samples, bare, after, after.microsecondsPerRequest);
      const around = (before.microsecondsPerRequest + after.microsecondsPerRequest) / 2;
      for (const [variant, sample] of measured) add(samples, variant, sample, around);
      before = after;
    }
  }
  return samples;
}

function groupsOf(list: readonly Variant[]): Variant[][] {
  return Array.from({ length: Math.ceil(list.length / VARIANTS_BETWEEN_BARES) }, (_, index) =>
    list.slice(index * VARIANTS_BETWEEN_BARES, (index + 1) * VARIANTS_BETWEEN_BARES),
  );
}

function add(samples: Map<string, PairedSample[]>, variant: Variant, sample: Sample, bareMicroseconds: number): void {
  samples.get(variant.name)?.push({ ...sample, bareMicroseconds });
}
