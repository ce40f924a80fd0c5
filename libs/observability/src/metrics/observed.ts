import { setImmediate as nextTurn } from 'node:timers/promises';
import { within } from '../timing/within.js';
import type { Labels } from './definitions.js';
import type { LabelValues, SeriesTable } from './series-table.js';

/** One value of an observed metric with its labels. */
export interface Observation<L extends string> {
  readonly labels: Labels<L>;
  readonly value: number;
}

/** What an observed metric reads at scrape time. */
export type Observed<L extends string> = number | readonly Observation<L>[];

/** A scrape waits this long for the owner of an observed metric. */
const OBSERVE_TIMEOUT_MS = 2_000;

/** Series that are put into their table before the event loop gets its turn. */
const SERIES_PER_TURN = 500;

interface Observer {
  readonly collect: () => Observed<string> | Promise<Observed<string>>;
  readonly emptyTable: () => SeriesTable;
  readonly onFailure: () => void;
}

/** A metric whose owner knows the values and is asked at each scrape. A series that is no longer told is no longer shown. */
export class ObservedSeries {
  private running: Promise<Observed<string>> | undefined;

  constructor(private readonly observer: Observer) {}

  /** The series of this moment; undefined when the owner failed or was late. Never rejects. */
  async read(): Promise<SeriesTable | undefined> {
    try {
      const observed = await within(OBSERVE_TIMEOUT_MS, this.collect());
      return await this.fill(typeof observed === 'number' ? [{ labels: {}, value: observed }] : observed);
    } catch {
      this.observer.onFailure();
      return undefined;
    }
  }

  /** Scrapes share the reading that is under way: one that hangs is not begun again. */
  private collect(): Promise<Observed<string>> {
    this.running ??= Promise.resolve()
      .then(this.observer.collect)
      .finally(() => (this.running = undefined));
    return this.running;
  }

  private async fill(observations: readonly { labels: LabelValues; value: number }[]): Promise<SeriesTable> {
    const table = this.observer.emptyTable();
    for (const [position, { labels, value }] of observations.entries()) {
      if (position % SERIES_PER_TURN === SERIES_PER_TURN - 1) await nextTurn();
      const series = table.seriesOf(labels);
      table.note(series);
      table.values[series] = value;
    }
    return table;
  }
}
