import { buckets as bucketSets } from './buckets.js';

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
  /** Upper bounds, finite and ascending, in the metric's own unit. */
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

/** Any definition. */
export type MetricDefinition<L extends string = string> =
  CounterDefinition<L> | GaugeDefinition<L> | HistogramDefinition<L>;

/** @throws RangeError when a name is not one of Prometheus, or the metric's does not end in `_total`. */
export function counterDefinition<const L extends readonly string[] = []>(
  input: DefinitionInput<L>,
): CounterDefinition<L[number]> {
  if (!input.name.endsWith('_total'))
    throw new RangeError(`counter ${input.name}: the name of a counter ends in _total`);
  return Object.freeze({ type: 'counter', ...base(input) });
}

/** @throws RangeError when a name is not one of Prometheus. */
export function gaugeDefinition<const L extends readonly string[] = []>(
  input: DefinitionInput<L>,
): GaugeDefinition<L[number]> {
  return Object.freeze({ type: 'gauge', ...base(input) });
}

/**
 * Say which buckets fit (`buckets.job`, `buckets.databaseQuery`, …); without any, they are those of an HTTP request.
 *
 * @throws RangeError when a name is not one of Prometheus, or the buckets are not finite or do not ascend.
 */
export function histogramDefinition<const L extends readonly string[] = []>(
  input: DefinitionInput<L> & { readonly buckets?: readonly number[] },
): HistogramDefinition<L[number]> {
  const buckets = input.buckets ?? bucketSets.httpRequest;
  if (buckets.some((bound, index) => !Number.isFinite(bound) || bound <= (buckets[index - 1] ?? -Infinity))) {
    throw new RangeError(`histogram ${input.name}: buckets must be finite and ascend`);
  }
  return Object.freeze({ type: 'histogram', ...base(input), buckets: Object.freeze([...buckets]) });
}

function base<L extends readonly string[]>(input: DefinitionInput<L>): DefinitionBase<L[number]> {
  if (!/^[a-z][a-z0-9_]*$/.test(input.name))
    throw new RangeError(`metric ${input.name}: use lower case letters, digits and underscores`);
  for (const label of input.labels ?? []) {
    if (!/^[a-z][a-z0-9_]*$/.test(label) || label === 'le')
      throw new RangeError(`metric ${input.name}: ${label} cannot be the name of a label`);
  }
  const labels: readonly L[number][] = Object.freeze([...(input.labels ?? [])]);
  return {
    name: input.name,
    help: input.help,
    labels,
    ...(input.maxSeries === undefined ? {} : { maxSeries: input.maxSeries }),
  };
}
