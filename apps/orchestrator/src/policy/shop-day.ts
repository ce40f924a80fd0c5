/** A day as the shop counts it. */
export interface ShopDay {
  /** Calendar date in the shop's time zone, `YYYY-MM-DD`. */
  readonly date: string;
  /** First instant of the next one. */
  readonly nextStart: Date;
}

/** No day is longer: 24 hours, and 3 of slack over the longest shift of a zone. */
const LONGEST_DAY_MS = 27 * 3_600_000;

/**
 * The shop day that an instant falls in. Days are found by asking for the local date, never by adding 24 hours: a day with
 * a change of clock has 23 or 25 of them, and in zones that change at midnight a day starts at 01:00.
 */
export function shopDay(instant: Date, timeZone: string): ShopDay {
  const dateAt = localDates(timeZone);
  const date = dateAt(instant.getTime());
  // Local dates never run backwards, so the first instant with a later one is found by halving.
  let before = instant.getTime();
  let after = before + LONGEST_DAY_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dateAt(middle) > date) after = middle;
    else before = middle;
  }
  return { date, nextStart: new Date(after) };
}

function localDates(timeZone: string): (epochMs: number) => string {
  // The Swedish locale writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (epochMs) => format.format(epochMs);
}
