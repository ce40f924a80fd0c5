/** The value that every label of a folded observation gets. */
export const OVERFLOW = 'overflow';

export const DEFAULT_MAX_SERIES = 200;

/** Longer label values are cut: a label is a category, not a text. */
export const MAX_LABEL_LENGTH = 256;

const FIRST_CAPACITY = 16;

/** Label values by name. */
export type LabelValues = Readonly<Record<string, string | number>>;

/** What one observation leaves behind so that a graph leads to a trace. */
export interface Exemplar {
  readonly traceId: string;
  readonly spanId: string;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** One way through the values of the labels, in the order of the definition; `series` is set where all are given. */
interface Branch {
  children: Map<string, Branch> | undefined;
  series: number;
}

/**
 * The series of one metric. A series is a number: its label text is rendered once, its values lie side by side with those of
 * all others in one array, so that an update is one addition and a snapshot one copy of memory.
 *
 * The number of series is bounded: label values beyond the bound fold into one overflow series, so that a mistake in a label
 * costs one series and not the memory of the process and of Prometheus.
 */
export class SeriesTable {
  /** `width` values of each series. Replaced when it grows: do not keep it. */
  values: Float64Array;
  /** `name="value",…` of each series, escaped; empty for the series without labels. */
  readonly labelTexts: string[] = [];
  /** Of each series, the newest exemplar of each bucket; filled where there are some. */
  readonly exemplars: ((Exemplar | undefined)[] | undefined)[] = [];
  private readonly root: Branch = { children: undefined, series: -1 };
  private overflow = -1;

  /** @param onOverflow is called for each observation that is folded. */
  constructor(
    private readonly names: readonly string[],
    readonly width: number,
    private readonly maxSeries: number,
    private readonly onOverflow: () => void,
  ) {
    this.values = new Float64Array(width * Math.min(FIRST_CAPACITY, maxSeries + 1));
    if (names.length === 0) this.root.series = this.add([]);
  }

  get size(): number {
    return this.labelTexts.length;
  }

  /** The series of these labels, made when it is new and fits, else the overflow series. */
  seriesOf(labels: LabelValues): number {
    const known = this.find(labels);
    return known >= 0 ? known : this.admit(labels);
  }

  /** To be called with the series of every observation, bound or not. */
  note(series: number): void {
    if (series === this.overflow) this.onOverflow();
  }

  private find(labels: LabelValues): number {
    const { names } = this;
    let branch = this.root;
    for (let position = 0; position < names.length; position++) {
      const value = labels[names[position] ?? ''];
      const next = branch.children?.get(typeof value === 'string' ? value : textOf(value));
      if (next === undefined) return -1;
      branch = next;
    }
    return branch.series;
  }

  /** Values are cut and made well-formed before they are looked up again: two series never have the same text. */
  private admit(labels: LabelValues): number {
    const values = this.names.map((name) => normalize(textOf(labels[name])));
    const known = this.find(Object.fromEntries(this.names.map((name, position) => [name, values[position] ?? ''])));
    if (known >= 0) return known;
    if (this.size < this.maxSeries) return this.insert(values);
    if (this.overflow < 0) this.overflow = this.overflowSeries();
    return this.overflow;
  }

  private overflowSeries(): number {
    const known = this.find(Object.fromEntries(this.names.map((name) => [name, OVERFLOW])));
    return known >= 0 ? known : this.insert(this.names.map(() => OVERFLOW));
  }

  private insert(values: readonly string[]): number {
    let branch = this.root;
    for (const value of values) {
      branch.children ??= new Map();
      let next = branch.children.get(value);
      if (!next) {
        next = { children: undefined, series: -1 };
        branch.children.set(value, next);
      }
      branch = next;
    }
    branch.series = this.add(values);
    return branch.series;
  }

  private add(values: readonly string[]): number {
    const series = this.size;
    if ((series + 1) * this.width > this.values.length) {
      const grown = new Float64Array(this.values.length * 2);
      grown.set(this.values);
      this.values = grown;
    }
    this.labelTexts.push(labelText(this.names.map((name, position) => [name, values[position] ?? ''])));
    this.exemplars.push(undefined);
    return series;
  }
}

/** `name="value",…`, escaped for both formats. */
export function labelText(labels: readonly (readonly [name: string, value: string])[]): string {
  return labels.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',');
}

function textOf(value: string | number | undefined): string {
  return typeof value === 'string' ? value : String(value ?? '');
}

/** What cannot be written as UTF-8 would become the same replacement character for different values. */
function normalize(value: string): string {
  return value.slice(0, MAX_LABEL_LENGTH).replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}

function escapeLabel(text: string): string {
  return /[\\\n"]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"') : text;
}
