interface DefinitionBase<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly L[];
  /** Distinct label combinations before further ones fold into the overflow series. Default: 200. */
  readonly maxSeries?: number;
}

export interface CounterDefinition<L extends string = never> extends DefinitionBase<L> {
  readonly type: 'counter';
}

export interface GaugeDefinition<L extends string = never> extends DefinitionBase<L> {
  readonly type: 'gauge';
}

export interface HistogramDefinition<L extends string = never> extends DefinitionBase<L> {
  readonly type: 'histogram';
  /** Upper bounds, ascending, in the metric's own unit. */
  readonly buckets: readonly number[];
}

export interface DefinitionInput<L extends readonly string[]> {
  readonly name: string;
  readonly help: string;
  readonly labels?: L;
  readonly maxSeries?: number;
}

/** Label values of a definition. */
export type Labels<L extends string> = Readonly<Record<L, string | number>>;

/** Seconds, from one millisecond to ten seconds. */
export const DURATION_BUCKETS: readonly number[] = Object.freeze([
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]);

/** @throws RangeError when the name is no Prometheus name, or does not end in `_total`. */
export function counterDefinition<const L extends readonly string[] = []>(
  input: DefinitionInput<L>,
): CounterDefinition<L[number]> {
  if (!input.name.endsWith('_total'))
    throw new RangeError(`counter ${input.name}: the name of a counter ends in _total`);
  return Object.freeze({ type: 'counter', ...base(input) });
}

/** @throws RangeError when the name is no Prometheus name. */
export function gaugeDefinition<const L extends readonly string[] = []>(
  input: DefinitionInput<L>,
): GaugeDefinition<L[number]> {
  return Object.freeze({ type: 'gauge', ...base(input) });
}

/** @throws RangeError when the name is no Prometheus name or the buckets do not ascend. */
export function histogramDefinition<const L extends readonly string[] = []>(
  input: DefinitionInput<L> & { readonly buckets?: readonly number[] },
): HistogramDefinition<L[number]> {
  const buckets = input.buckets ?? DURATION_BUCKETS;
  if (buckets.some((bound, index) => index > 0 && bound <= (buckets[index - 1] ?? -Infinity))) {
    throw new RangeError(`histogram ${input.name}: buckets must ascend`);
  }
  return Object.freeze({ type: 'histogram', ...base(input), buckets: Object.freeze([...buckets]) });
}

function base<L extends readonly string[]>(input: DefinitionInput<L>): DefinitionBase<L[number]> {
  if (!/^[a-z][a-z0-9_]*$/.test(input.name))
    throw new RangeError(`metric ${input.name}: use lower case letters, digits and underscores`);
  const labels: readonly L[number][] = Object.freeze([...(input.labels ?? [])]);
  return {
    name: input.name,
    help: input.help,
    labels,
    ...(input.maxSeries === undefined ? {} : { maxSeries: input.maxSeries }),
  };
}
