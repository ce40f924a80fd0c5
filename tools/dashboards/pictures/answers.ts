/** What the data sources answered to a panel's queries; written by apps/platform-e2e/test/dashboards.spec.ts. */
export interface Answers {
  /** The time that is shown, in milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** By the id of the panel, an answer for each of its queries. */
  readonly panels: Readonly<Record<string, readonly Answer[]>>;
}

export interface Answer {
  readonly refId: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** The same as series over time, where the query asks for them. */
  readonly series: readonly Series[];
}

export type Cell = string | number | boolean | null;

export interface Series {
  readonly name: string;
  /** Milliseconds since the epoch, and the value. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** The parts of a panel's JSON that say how it looks. */
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly options?: { readonly xField?: string; readonly stacking?: string };
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit?: string;
      readonly max?: number;
      readonly noValue?: string;
      readonly thresholds?: { readonly steps: readonly Threshold[] };
      readonly custom?: {
        readonly drawStyle?: string;
        readonly lineInterpolation?: string;
        readonly lineWidth?: number;
        readonly stacking?: { readonly mode: string };
        readonly thresholdsStyle?: { readonly mode: string };
      };
    };
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options: unknown };
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
  readonly transformations?: readonly {
    readonly id: string;
    readonly options: { readonly configRefId?: string };
  }[];
}

export interface Threshold {
  /** Null for the first, which has no lower bound. */
  readonly value: number | null;
  readonly color: string;
}

/** A property that an override gives the field of that name. */
export function overridden(panel: Panel, field: string, property: string): unknown {
  const override = panel.fieldConfig.overrides.find(({ matcher }) => matcher.options === field);
  return override?.properties.find(({ id }) => id === property)?.value;
}
