/** A day that a text names, with how far away it is. */
export interface NamedOccasion {
  readonly name: string;
  /** Date of the nearest occurrence in the shop's time zone, `YYYY-MM-DD`. */
  readonly date: string;
  /** Whole days from `asOf` to the date; negative when it has passed. */
  readonly days: number;
}

/** What an idea gets that names no occasion: it is in season all year, without the pull of a date. */
export const neutralSeasonality = 0.5;
const windowDays = 7;
const halfLifeDays = 14;

/** 1 within seven days of the date either way, halving every further fourteen. */
export function nearness(days: number): number {
  return 0.5 ** (Math.max(0, Math.abs(days) - windowDays) / halfLifeDays);
}

/** The best of the named occasions, or the neutral value when none is named. */
export function seasonality(named: readonly NamedOccasion[]): number {
  return named.length === 0 ? neutralSeasonality : Math.max(...named.map(({ days }) => nearness(days)));
}
