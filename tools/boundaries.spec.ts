import { beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { workspaceRoot } from './launcher/workspace.ts';

interface Fixture {
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

const boundary = '@nx/enforce-module-boundaries';
const imported = 'no-restricted-imports';
const environment = 'no-restricted-properties';

const service = 'apps/scoring-engine/src/fixture.ts';
const bare = (specifier: string): string => `import * as x from '${specifier}';\nexport const y = x;\n`;
const fixture = (name: string, file: string, text: string): Fixture => ({ name, file, text });

const forbidden: ReadonlyArray<readonly [Fixture, string]> = [
  [fixture('service → broker client', service, bare('kafkajs')), imported],
  [fixture('service → database driver', service, bare('pg')), boundary],
  [fixture('service → telemetry SDK', service, bare('@opentelemetry/sdk-node')), boundary],
  [fixture('service → error tracker', service, bare('@sentry/nestjs')), boundary],
  [fixture('service → another service', service, bare('@signalpress/orchestrator')), imported],
  [fixture("service → another service's file", service, bare('../../orchestrator/src/env.js')), boundary],
  [fixture('service → test support', service, bare('@signalpress/testing')), boundary],
  [fixture('service → a test database', service, bare('@signalpress/persistence/testing')), imported],
  [fixture('service → the events of specs', service, bare('@signalpress/messaging/testing')), imported],
  [fixture('service → the embedded server', service, bare('@signalpress/persistence/embedded')), imported],
  [fixture('service → inside a library', service, bare('@signalpress/messaging/src/index.js')), imported],
  [fixture('service → environment', service, `export const x = process.env['X'];\n`), environment],
  [
    fixture('service → environment by import', service, `import { env } from 'node:process';\nexport const x = env;\n`),
    imported,
  ],
  [
    fixture('service defaults → persistence', 'libs/service-defaults/src/x.ts', bare('@signalpress/persistence')),
    boundary,
  ],
  [fixture('persistence → messaging', 'libs/persistence/src/x.ts', bare('@signalpress/messaging')), boundary],
  [
    fixture('other file of messaging → broker client', 'libs/messaging/src/transport/kafka/x.ts', bare('kafkajs')),
    imported,
  ],
  [fixture('messaging → database driver', 'libs/messaging/src/x.ts', bare('pg')), boundary],
  [
    fixture('messaging → a test database', 'libs/messaging/src/x.ts', bare('@signalpress/persistence/testing')),
    imported,
  ],
  [fixture('messaging → test support', 'libs/messaging/src/x.ts', bare('@signalpress/testing')), boundary],
  [fixture('messaging → service defaults', 'libs/messaging/src/x.ts', bare('@signalpress/service-defaults')), boundary],
  [fixture('contracts → framework', 'libs/contracts/src/x.ts', bare('@nestjs/common')), boundary],
  [fixture('contracts → observability', 'libs/contracts/src/x.ts', bare('@signalpress/observability')), boundary],
  [fixture('observability → messaging', 'libs/observability/src/x.ts', bare('@signalpress/messaging')), boundary],
  [fixture('observability → contracts', 'libs/observability/src/x.ts', bare('@signalpress/contracts')), boundary],
  [fixture('observability → broker client', 'libs/observability/src/x.ts', bare('kafkajs')), boundary],
  [
    fixture('other spec of observability → broker client', 'libs/observability/test/x.spec.ts', bare('kafkajs')),
    boundary,
  ],
  [
    fixture('observability → a real broker', 'libs/observability/src/x.ts', bare('@signalpress/testing/kafka')),
    boundary,
  ],
  [fixture('testing → observability', 'libs/testing/src/x.ts', bare('@signalpress/observability')), boundary],
  [
    fixture('end-to-end test → persistence', 'apps/platform-e2e/test/x.spec.ts', bare('@signalpress/persistence')),
    boundary,
  ],
  [fixture('anything → everything', service, `export * from './other.js';\n`), 'no-restricted-syntax'],
];

const allowed: readonly Fixture[] = [
  fixture('service → messaging', service, bare('@signalpress/messaging')),
  fixture('service → persistence', service, bare('@signalpress/persistence')),
  fixture('service → telemetry API', service, bare('@opentelemetry/api')),
  fixture('env.ts → environment', 'apps/scoring-engine/src/env.ts', `export const x = process.env['X'];\n`),
  fixture(
    'the seat of the broker client → broker client',
    'libs/messaging/src/transport/kafka/kafka.client.ts',
    bare('kafkajs'),
  ),
  fixture('messaging → persistence', 'libs/messaging/src/x.ts', bare('@signalpress/persistence')),
  fixture('spec → the events of specs', 'apps/scoring-engine/src/x.spec.ts', bare('@signalpress/messaging/testing')),
  fixture(
    "messaging's test support → a test database",
    'libs/messaging/src/testing/x.ts',
    bare('@signalpress/persistence/testing'),
  ),
  fixture("messaging's test support → test support", 'libs/messaging/src/testing/x.ts', bare('@signalpress/testing')),
  fixture('spec → test support', 'apps/scoring-engine/src/x.spec.ts', bare('@signalpress/testing')),
  fixture(
    'broker spec of observability → broker client',
    'libs/observability/test/microservices.spec.ts',
    bare('kafkajs'),
  ),
  fixture('spec → a real broker', 'libs/messaging/src/x.spec.ts', bare('@signalpress/testing/kafka')),
  fixture('tool → a real broker', 'tools/kafka/x.ts', bare('@signalpress/testing/kafka')),
  fixture('end-to-end test → test support', 'apps/platform-e2e/test/x.spec.ts', bare('@signalpress/testing')),
];

describe('module boundaries', () => {
  let broken: readonly string[][] = [];

  beforeAll(async () => {
    const fixtures = [...forbidden.map(([one]) => one), ...allowed];
    const run = await execa('node', ['tools/eslint/lint-texts.mjs'], {
      cwd: workspaceRoot,
      preferLocal: true,
      input: JSON.stringify(fixtures),
      env: { NODE_OPTIONS: '' },
    });
    broken = JSON.parse(run.stdout) as string[][];
  }, 120_000);

  it.each(forbidden.map(([{ name }, rule], index) => [name, rule, index] as const))(
    '%s fails (%s)',
    (_name, rule, index) => {
      expect(broken[index]).toContain(rule);
    },
  );

  it.each(allowed.map(({ name }, index) => [name, index + forbidden.length] as const))('%s passes', (_name, index) => {
    expect(broken[index]).toEqual([]);
  });
});
