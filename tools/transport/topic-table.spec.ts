import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kafkaUnavailable, securedListener, startKafka } from '@signalpress/testing/kafka';
import type { Kafka } from '@signalpress/testing/kafka';

const unavailable = kafkaUnavailable();
const title = `the variables of a broker that encrypts and asks who it is${unavailable === undefined ? '' : ` (skipped: ${unavailable})`}`;

(unavailable === undefined ? describe : describe.skip)(title, () => {
  const directory = mkdtempSync(join(tmpdir(), 'topics-'));
  const password = 'a password that nothing may show';
  let kafka: Kafka;
  let shell: Record<string, string>;

  beforeAll(async () => {
    const { address, certificateFile, options } = await securedListener(directory, { name: 'app', password });
    kafka = await startKafka(options);
    shell = {
      KAFKA_BROKERS: address,
      KAFKA_TLS: 'true',
      KAFKA_TLS_CA_FILE: certificateFile,
      KAFKA_SASL_USERNAME: 'app',
      KAFKA_SASL_PASSWORD: password,
    };
  }, 180_000);
  afterAll(async () => {
    await kafka.stop();
    rmSync(directory, { recursive: true });
  }, 60_000);

  // As the services read them; loaded late, as the command does it.
  const table = async (more: Record<string, string>) =>
    (await import('./topic-table.ts')).topicTable({ ...shell, ...more });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
    'open the door to it: %s',
    async (mechanism) => {
      const { text, warnings } = await table({ KAFKA_SASL_MECHANISM: mechanism, KAFKA_TOPIC_PREFIX: `${mechanism}.` });
      expect(text).toContain(`${mechanism}.signals.ingested`);
      expect(warnings).toEqual([]);
    },
    60_000,
  );

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
    'are named when they are wrong: %s',
    async (mechanism) => {
      const wrong = 'not the password';
      const attempt = table({ KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_PASSWORD: wrong });
      await expect(attempt).rejects.toThrow(/refuses the user or the password.*KAFKA_SASL_PASSWORD/);
      await expect(attempt).rejects.not.toThrow(wrong);
    },
    60_000,
  );
});
