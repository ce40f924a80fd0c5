import type { ExpositionFormat } from './exposition.js';

/** One member of an Accept header: a type, or an encoding, with its parameters in lower case. */
interface Preference {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** A header that is longer than this is cut: nobody who scrapes sends one. */
const MAX_HEADER_LENGTH = 2_048;

/**
 * OpenMetrics, which alone can carry exemplars, for those who name it (`application/openmetrics-text`, without a version or with
 * `version=1.0.0`) and do not prefer plain text; plain text for everybody else, also for those who take neither.
 */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  const preferences = parse(accept ?? '');
  const open = preferences.filter((one) => one.name === 'application/openmetrics-text' && hasVersion(one, '1.0.0'));
  const openQuality = highest(open);
  if (openQuality <= 0) return 'prometheus';
  const plain = preferences.filter((one) => one.name === 'text/plain' && hasVersion(one, '0.0.4'));
  return openQuality >= highest(plain) ? 'openmetrics' : 'prometheus';
}

/** Whether `Accept-Encoding` asks for gzip. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const preferences = parse(acceptEncoding ?? '');
  const named = preferences.filter(({ name }) => name === 'gzip' || name === 'x-gzip');
  const asked = named.length > 0 ? named : preferences.filter(({ name }) => name === '*');
  const identity = preferences.filter(({ name }) => name === 'identity');
  return highest(asked) > 0 && highest(asked) >= highest(identity);
}

function hasVersion({ parameters }: Preference, version: string): boolean {
  return (parameters.get('version') ?? version) === version;
}

function highest(preferences: readonly Preference[]): number {
  return preferences.reduce((quality, one) => Math.max(quality, one.quality), 0);
}

/** The members of a header of preferences (RFC 9110, section 12.4); one whose quality is no number from 0 to 1 is left out. */
function parse(header: string): Preference[] {
  const members = header.slice(0, MAX_HEADER_LENGTH).match(/(?:[^,"]|"[^"]*")+/g) ?? [];
  return members.map(toPreference).filter(({ quality }) => quality >= 0 && quality <= 1);
}

function toPreference(member: string): Preference {
  const [name = '', ...rest] = member.match(/(?:[^;"]|"[^"]*")+/g) ?? [];
  const parameters = new Map(rest.map(toParameter));
  return { name: name.trim().toLowerCase(), parameters, quality: Number(parameters.get('q') ?? 1) };
}

function toParameter(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at < 0) return [text.trim().toLowerCase(), ''];
  const value = text.slice(at + 1).trim();
  return [text.slice(0, at).trim().toLowerCase(), value.replace(/^"(.*)"$/, '$1').toLowerCase()];
}
