import { readdirSync } from 'node:fs';

/**
 * Who may import whom (docs/architecture.md, "Walls"). The negative fixtures in tools/boundaries.spec.ts prove that each
 * forbidden edge fails.
 */
const edge = (sourceTag, tags, banned = []) => ({
  sourceTag,
  onlyDependOnLibsWithTags: tags,
  ...(banned.length > 0 ? { bannedExternalImports: banned } : {}),
});

/** A service sees neither the telemetry SDKs nor a broker or database driver: libraries own those seats. */
const driversAndSdks = ['kafkajs', 'pg', '@opentelemetry/sdk-*', '@opentelemetry/exporter-*', '@sentry/*'];

const rows = (extra) => [
  edge(
    'type:service',
    ['type:defaults', 'type:adapter', 'type:foundation', 'type:contracts', ...extra],
    driversAndSdks,
  ),
  edge('type:defaults', ['type:foundation', ...extra], ['kafkajs', 'pg', 'kysely', '@sentry/*']),
  edge(
    'scope:messaging',
    ['scope:persistence', 'scope:messaging', 'type:foundation', 'type:contracts', ...extra],
    ['pg', '@sentry/*'],
  ),
  edge('scope:persistence', ['scope:persistence', 'type:foundation', ...extra], ['kafkajs', '@sentry/*']),
  edge('type:foundation', ['type:foundation', ...extra], ['kafkajs', 'pg', 'kysely']),
  edge('type:contracts', ['type:contracts', ...extra], ['@nestjs/*', '@opentelemetry/*', 'kysely', 'pg', 'kafkajs']),
  edge('type:testing', ['type:contracts', ...extra]),
  edge('type:e2e', ['type:testing', 'type:contracts']),
  edge('type:tool', ['type:adapter', 'type:defaults', 'type:foundation', 'type:contracts', 'type:testing']),
];

const rule = (extra) => ({ enforceBuildableLibDependency: true, allow: [], depConstraints: rows(extra) });

export const boundaries = rule([]);
/** Specs that prove what a library does with a broker ask the broker itself. */
export const boundariesInBrokerSpecs = {
  ...rule(['type:testing']),
  depConstraints: rows(['type:testing']).map((row) =>
    row.sourceTag === 'type:foundation'
      ? { ...row, bannedExternalImports: row.bannedExternalImports.filter((name) => name !== 'kafkajs') }
      : row,
  ),
};
/** Specs see the same walls, plus the test support. */
export const boundariesInSpecs = rule(['type:testing']);

const services = readdirSync(new URL('../../apps/', import.meta.url));

export const restrictedImports = {
  paths: [
    { name: 'kafkajs', message: 'The broker client has one seat: the Kafka transport of messaging.' },
    { name: 'node:process', message: 'Read the environment in env.ts, through loadEnv().' },
    { name: 'process', message: 'Read the environment in env.ts, through loadEnv().' },
    { name: '@signalpress/persistence/testing', message: 'Test support belongs in specs.' },
    { name: '@signalpress/messaging/testing', message: 'Test support belongs in specs.' },
    { name: '@signalpress/persistence/embedded', message: 'The embedded server is started by tools, not by services.' },
  ],
  patterns: [
    {
      group: services.map((name) => `@signalpress/${name}`),
      message: 'Services meet by events and HTTP, never by import.',
    },
    {
      group: ['@signalpress/*/src/*', '@signalpress/*/dist/*'],
      message: 'Import a package by its public entry points.',
    },
  ],
};

export const environmentAccess = {
  'no-restricted-properties': [
    'error',
    { object: 'process', property: 'env', message: 'Read the environment in env.ts, through loadEnv().' },
  ],
};
