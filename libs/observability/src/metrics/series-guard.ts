/** The value that every label of a folded observation gets. */
export const OVERFLOW = 'overflow';

export const DEFAULT_MAX_SERIES = 200;

/**
 * Keeps the number of series of one metric bounded: label values beyond the bound fold into one overflow series, so that a
 * mistake in a label costs one series and not the memory of the process and of Prometheus.
 */
export class SeriesGuard<L extends string> {
  private readonly seen = new Set<string>();
  private readonly overflow: Record<L, string | number>;

  constructor(
    private readonly labels: readonly L[],
    private readonly maxSeries: number,
    private readonly onOverflow: () => void,
  ) {
    this.overflow = Object.fromEntries(labels.map((label) => [label, OVERFLOW])) as Record<L, string>;
  }

  /** The labels to use: the given ones while they fit, else those of the overflow series. */
  admit(values: Readonly<Record<L, string | number>>): Record<L, string | number> {
    if (this.labels.length === 0) return values;
    let key = '';
    for (const label of this.labels) key += `${values[label]}\u0000`;
    if (this.seen.has(key)) return values;
    if (this.seen.size >= this.maxSeries) {
      this.onOverflow();
      return this.overflow;
    }
    this.seen.add(key);
    return values;
  }
}
