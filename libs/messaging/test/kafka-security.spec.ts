import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { waitFor } from '@signalpress/testing';
import { securedListener } from '@signalpress/testing/kafka';
import type { SecuredListener } from '@signalpress/testing/kafka';
import type { KafkaOptions } from '../src/index.js';
import { prepareTopics } from '../src/operations/index.js';
import { describeOnKafka } from './kafka-describe.js';
import { kafkaOptions } from './kafka-support.js';
import { Observer, publish, startService, waitForEffects } from './test-service.js';

type Mechanism = NonNullable<KafkaOptions['sasl']>['mechanism'];

const mechanisms: readonly Mechanism[] = ['plain', 'scram-sha-256', 'scram-sha-512'];
const directory = mkdtempSync(join(tmpdir(), 'kafka-security-'));
const password = 'a password that no log may show';
let listener: SecuredListener | undefined;

describeOnKafka(
  'a broker that encrypts and asks who it is',
  1,
  (kafka) => {
    let database: TestDatabase;

    const options = (mechanism: Mechanism, overrides: Partial<KafkaOptions> = {}): KafkaOptions =>
      kafkaOptions(kafka(), {
        brokers: [listener!.address],
        tls: { ca: readFileSync(listener!.certificateFile, 'utf8') },
        sasl: { mechanism, username: 'app', password },
        ...overrides,
      });

    beforeEach(async () => {
      database = await createTestDatabase();
    });
    afterEach(() => database.close());
    afterAll(() => rmSync(directory, { recursive: true, force: true }));

    it.each(mechanisms)(
      'carries events for whoever has the password (%s) and trusts the authority',
      async (mechanism) => {
        const transport = options(mechanism);
        const writer = await startService({ databaseUrl: database.url, service: 'writer', transport });
        const reader = await startService({ databaseUrl: database.url, transport, providers: [Observer] });
        try {
          await publish(writer, [{ ideaId: randomUUID(), views: 1 }]);
          expect(await waitForEffects(reader.db, 1, 30_000)).toHaveLength(1);
        } finally {
          await Promise.allSettled([writer.stop(), reader.stop()]);
        }
      },
      60_000,
    );

    it.each(mechanisms)(
      'names the variables when the password is wrong (%s), and shows it nowhere',
      async (mechanism) => {
        const wrong = 'not the password at all';
        const transport = options(mechanism, { sasl: { mechanism, username: 'app', password: wrong } });
        const service = await startService({ databaseUrl: database.url, transport, providers: [Observer] });
        try {
          const said = await waitFor(() => service.logs.text().includes('KAFKA_SASL_PASSWORD') && service.logs.text(), {
            timeoutMs: 30_000,
            message: 'a line that names the variable',
          });
          expect(said).toContain('Kafka refuses the user or the password');
          expect(said).not.toContain(wrong);
          expect(said).not.toContain(password);
        } finally {
          await service.stop();
        }
      },
      60_000,
    );

    it('names the variable when the authority is not trusted', async () => {
      await expect(prepareTopics(options('plain', { tls: {} }))).rejects.toThrow(
        'check KAFKA_TLS and KAFKA_TLS_CA_FILE',
      );
    }, 60_000);
  },
  async () => {
    listener = await securedListener(directory, { name: 'app', password });
    return listener.options;
  },
);
