import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { waitFor } from '@signalpress/testing';
import type { ExtraProperties } from '@signalpress/testing/kafka';
import type { KafkaOptions } from '../src/index.js';
import { prepareTopics } from '../src/operations/index.js';
import { describeOnKafka } from './kafka-describe.js';
import { kafkaOptions } from './kafka-support.js';
import { Observer, publish, startService, waitForEffects } from './test-service.js';

const directory = mkdtempSync(join(tmpdir(), 'kafka-security-'));
const certificateFile = join(directory, 'certificate.pem');
const password = 'a password that no log may show';
let port = 0;

/** A further listener, for clients that encrypt and sign in. */
async function secured(): Promise<ExtraProperties> {
  const key = join(directory, 'key.pem');
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1'];
  const files = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificateFile];
  const made = spawnSync('openssl', [...request, ...files], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`openssl has made no certificate: ${made.stderr}`);
  const store = join(directory, 'store.pem');
  writeFileSync(store, readFileSync(key, 'utf8') + readFileSync(certificateFile, 'utf8'));
  port = await freePort();
  return ({ port: plain, controllerPort }) => ({
    listeners: `PLAINTEXT://127.0.0.1:${plain},CONTROLLER://127.0.0.1:${controllerPort},CLIENTS://127.0.0.1:${port}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${plain},CLIENTS://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CLIENTS:SASL_SSL',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.name.clients.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.clients.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_app="${password}";`,
    'listener.name.clients.ssl.keystore.type': 'PEM',
    'listener.name.clients.ssl.keystore.location': store,
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describeOnKafka(
  'a broker that encrypts and asks who it is',
  1,
  (kafka) => {
    let database: TestDatabase;

    const options = (overrides: Partial<KafkaOptions> = {}): KafkaOptions =>
      kafkaOptions(kafka(), {
        brokers: [`127.0.0.1:${port}`],
        tls: { ca: readFileSync(certificateFile, 'utf8') },
        sasl: { mechanism: 'plain', username: 'app', password },
        ...overrides,
      });

    beforeEach(async () => {
      database = await createTestDatabase();
    });
    afterEach(() => database.close());
    afterAll(() => rmSync(directory, { recursive: true, force: true }));

    it('carries events for whoever has the password and trusts the authority', async () => {
      const transport = options();
      const writer = await startService({ databaseUrl: database.url, service: 'writer', transport });
      const reader = await startService({ databaseUrl: database.url, transport, providers: [Observer] });
      try {
        await publish(writer, [{ ideaId: randomUUID(), views: 1 }]);
        expect(await waitForEffects(reader.db, 1, 30_000)).toHaveLength(1);
      } finally {
        await Promise.allSettled([writer.stop(), reader.stop()]);
      }
    }, 60_000);

    it('names the variables when the password is wrong, and shows it nowhere', async () => {
      const wrong = 'not the password at all';
      const transport = options({ sasl: { mechanism: 'plain', username: 'app', password: wrong } });
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
    }, 60_000);

    it('names the variable when the authority is not trusted', async () => {
      await expect(prepareTopics(options({ tls: {} }))).rejects.toThrow('check KAFKA_TLS and KAFKA_TLS_CA_FILE');
    }, 60_000);
  },
  secured,
);
