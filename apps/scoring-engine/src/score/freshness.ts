/** Hours over which the logistic falls from 73 % to 50 % of the way. */
export const freshnessScaleHours = 24;
/** Age at which half of the freshness is gone: two days is what a printed joke about the news survives. */
export const freshnessMidpointHours = 48;
const maxAgeHours = 30 * 24;
const hourMs = 3_600_000;

export interface Dated {
  readonly publishedAt: string | null;
  readonly capturedAt: string;
}

/**
 * Hours between publication and `asOf`, 0..720. A source that does not say when it published is taken at its capture;
 * a publication more than 30 days before the capture counts as 30 days, one in the future as now.
 */
export function ageInHours({ publishedAt, capturedAt }: Dated, asOf: string): number {
  const captured = Date.parse(capturedAt);
  const published = publishedAt === null ? captured : Date.parse(publishedAt);
  const clamped = Math.max(published, captured - maxAgeHours * hourMs);
  return Math.min(maxAgeHours, Math.max(0, (Date.parse(asOf) - clamped) / hourMs));
}

const logistic = (hours: number): number => 1 / (1 + Math.exp((hours - freshnessMidpointHours) / freshnessScaleHours));

/** 1 when just published, falling as a logistic of the age; divided by its own start so that "now" is exactly 1. */
export function freshness(hours: number): number {
  return logistic(hours) / logistic(0);
}
