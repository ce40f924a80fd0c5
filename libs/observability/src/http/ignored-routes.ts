/** The probes and the scrape would be most of what a quiet service emits. */
const OPERATIONAL: readonly string[] = ['/metrics', '/health'];

/**
 * Which requests are left out of all telemetry: `/metrics`, `/health` and what the application names. A text stands for that path
 * and everything below it, a pattern is tested against the path without the query.
 */
export function ignoredRoutes(named: readonly (string | RegExp)[] = []): (url: string) => boolean {
  const paths = [...OPERATIONAL, ...named.filter((route) => typeof route === 'string').map(withoutSlash)];
  // A global or sticky pattern would remember where it stopped.
  const patterns = named
    .filter((route) => route instanceof RegExp)
    .map(({ source, flags }) => new RegExp(source, flags.replace(/[gy]/g, '')));
  return (url) => {
    for (const path of paths) {
      if (url.startsWith(path) && endsAt(url, path.length)) return true;
    }
    return patterns.length > 0 && patterns.some((pattern) => pattern.test(pathOf(url)));
  };
}

/** Without the query. */
export function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

function endsAt(url: string, index: number): boolean {
  if (url.length === index) return true;
  const next = url[index];
  return next === '/' || next === '?';
}

function withoutSlash(path: string): string {
  const absolute = path.startsWith('/') ? path : `/${path}`;
  return absolute.length > 1 && absolute.endsWith('/') ? absolute.slice(0, -1) : absolute;
}
