import Holidays from 'date-holidays';
import { fold, wordsOf } from '../text/words.js';
import { giftOccasions } from './occasions.js';
import type { NamedOccasion } from './seasonality.js';

interface DatedOccasion {
  readonly name: string;
  readonly aliases: readonly string[];
  /** Every known occurrence, `YYYY-MM-DD`. */
  readonly dates: readonly string[];
}

const dayMs = 86_400_000;
const asWords = (text: string): string => ` ${wordsOf(text).map(fold).join(' ')} `;

/**
 * The occasions of one region: its public and observed days, and the gift occasions of our own table. A region that
 * date-holidays does not know has the table alone.
 */
export class OccasionCalendar {
  private readonly byYear = new Map<number, readonly DatedOccasion[]>();

  constructor(
    private readonly region: string,
    private readonly timeZone: string,
  ) {}

  /** Occasions whose name stands in one of the texts as whole words, each with its occurrence nearest to `asOf`. */
  namedIn(texts: readonly string[], asOf: string): NamedOccasion[] {
    const today = this.dayOf(asOf);
    const haystack = texts.map(asWords).join('|');
    return this.occasionsAround(Number(today.slice(0, 4)))
      .filter(({ aliases }) => aliases.some((alias) => haystack.includes(` ${alias} `)))
      .map(({ name, dates }) => nearest(name, dates, today))
      .sort((a, b) => Math.abs(a.days) - Math.abs(b.days) || a.name.localeCompare(b.name));
  }

  private dayOf(instant: string): string {
    const parts = new Intl.DateTimeFormat('en-CA', { timeZone: this.timeZone, dateStyle: 'short' });
    return parts.format(new Date(instant));
  }

  private occasionsAround(year: number): readonly DatedOccasion[] {
    const known = this.byYear.get(year);
    if (known !== undefined) return known;
    const occasions = occasionsOf(this.region, [year - 1, year, year + 1]);
    // A process sees one year, or two at the turn of one.
    if (this.byYear.size >= 4) this.byYear.clear();
    this.byYear.set(year, occasions);
    return occasions;
  }
}

function nearest(name: string, dates: readonly string[], today: string): NamedOccasion {
  const distances = dates.map((date) => ({
    name,
    date,
    days: Math.round((Date.parse(date) - Date.parse(today)) / dayMs),
  }));
  return distances.reduce((best, candidate) => (Math.abs(candidate.days) < Math.abs(best.days) ? candidate : best));
}

function datesOf(calendar: Holidays, years: readonly number[]): Map<string, string[]> {
  const dates = new Map<string, string[]>();
  for (const holiday of years.flatMap((year) => calendar.getHolidays(year, 'en'))) {
    if (holiday.substitute === true) continue;
    dates.set(holiday.name, [...(dates.get(holiday.name) ?? []), holiday.date.slice(0, 10)]);
  }
  return dates;
}

function occasionsOf(region: string, years: readonly number[]): DatedOccasion[] {
  const regional = datesOf(new Holidays(region, { types: ['public', 'bank', 'optional', 'observance'] }), years);
  const taken = new Set<string>();
  const own = giftOccasions.map((gift): DatedOccasion => {
    const known = gift.regional.find((name) => regional.has(name));
    gift.regional.forEach((name) => taken.add(name));
    const dates = known === undefined ? fallbackDates(gift.name, gift.rule, years) : (regional.get(known) ?? []);
    return { name: gift.name, aliases: gift.aliases, dates };
  });
  const rest = [...regional]
    .filter(([name]) => !taken.has(name))
    .map(([name, dates]): DatedOccasion => ({ name, aliases: [asWords(name).trim()], dates }));
  return [...own, ...rest].filter(({ dates, aliases }) => dates.length > 0 && aliases.every((alias) => alias !== ''));
}

function fallbackDates(name: string, rule: string, years: readonly number[]): string[] {
  const calendar = new Holidays();
  calendar.setHoliday(rule, { name: { en: name }, type: 'observance' });
  return datesOf(calendar, years).get(name) ?? [];
}
