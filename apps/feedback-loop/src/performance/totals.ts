/** Counts of one listing or of an idea's listings together. */
export interface Counts {
  readonly views: number;
  readonly favourites: number;
  readonly sales: number;
}

export interface Observed extends Counts {
  /** When the counts were read; null before the first time. */
  readonly observedAt: Date | null;
}

export interface Totals extends Observed {
  /** sales ÷ views, 0..1; null before the first view. */
  readonly conversion: number | null;
}

/** Most that a count can be: the largest integer of its column and of its event. */
const MAX_COUNT = 2_147_483_647;

/** Sums up the newest counts of an idea's listings. */
export function totalsOf(listings: readonly Observed[]): Totals {
  const sum = (count: keyof Counts): number =>
    Math.min(
      MAX_COUNT,
      listings.reduce((total, listing) => total + listing[count], 0),
    );
  const observedAt = listings.reduce<Date | null>(
    (newest, listing) => (newest === null || (listing.observedAt ?? newest) > newest ? listing.observedAt : newest),
    null,
  );
  const counts = { views: sum('views'), favourites: sum('favourites'), sales: sum('sales') };
  return { ...counts, conversion: conversionOf(counts), observedAt };
}

/** A marketplace may count a sale without a view (an import, a cache); conversion stays within 0..1 all the same. */
export function conversionOf({ views, sales }: Counts): number | null {
  return views === 0 ? null : Math.min(1, sales / views);
}

export function sameCounts(a: Counts, b: Counts): boolean {
  return a.views === b.views && a.favourites === b.favourites && a.sales === b.sales;
}
