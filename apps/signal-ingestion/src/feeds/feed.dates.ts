const rfc822 =
  /^(?:[a-z]{3,9},?\s+)?\d{1,2}\s+[a-z]{3,9}\.?\s+\d{2,4}(?:\s+\d{1,2}:\d{2}(?::\d{2})?(?:\s*(?:[a-z]{1,4}|[+-]\d{2}:?\d{2}))?)?$/i;
const iso8601 = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,9})?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;
const longestDate = 64;

/**
 * Reads a date as feeds write them: RFC 822 or ISO 8601. A date without a time zone is UTC. Anything else is null: the
 * language's own parser would find a year in almost any text.
 */
export function parseFeedDate(text: string | undefined): Date | null {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '' || trimmed.length > longestDate) return null;
  const iso = iso8601.exec(trimmed);
  if (iso !== null) return valid(isoText(iso));
  if (!rfc822.test(trimmed)) return null;
  return valid(/(?:[a-z]{1,4}|[+-]\d{2}:?\d{2})$/i.test(trimmed) && trimmed.includes(':') ? trimmed : `${trimmed} UTC`);
}

function isoText([, day = '', time = '00:00', seconds = ':00', fraction = '', zone = 'Z']: RegExpExecArray): string {
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : withMinutes(zone);
  return `${day}T${time}${seconds}${fraction.slice(0, 4)}${offset}`;
}

function withMinutes(zone: string): string {
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  return `${zone.charAt(0)}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

function valid(text: string): Date | null {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date;
}
