import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { eventTransport, eventsEnv } from './events-env.js';
import type { EventTransport } from './events-env.js';
import { loadEnv } from './load-env.js';

const directory = mkdtempSync(join(tmpdir(), 'events-env-'));
const ca = join(directory, 'ca.pem');
writeFileSync(ca, 'an authority');

const transportOf = (variables: Record<string, string>): EventTransport =>
  eventTransport(loadEnv(z.object(eventsEnv), variables));
const kafka = { EVENT_TRANSPORT: 'kafka', KAFKA_BROKERS: 'one:9092, two:9093' };

describe('the transport that the environment asks for', () => {
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is postgres unless told otherwise', () => {
    expect(transportOf({})).toEqual({ kind: 'postgres' });
  });

  it('is Kafka with what was given, files read', () => {
    expect(
      transportOf({
        ...kafka,
        KAFKA_TLS: 'true',
        KAFKA_TLS_CA_FILE: ca,
        KAFKA_SASL_MECHANISM: 'scram-sha-512',
        KAFKA_SASL_USERNAME: 'app',
        KAFKA_SASL_PASSWORD: 'secret',
        KAFKA_TOPIC_PREFIX: 'staging.',
        KAFKA_PARTITIONS: '4',
        KAFKA_REPLICATION_FACTOR: '3',
      }),
    ).toEqual({
      kind: 'kafka',
      brokers: ['one:9092', 'two:9093'],
      tls: { ca: 'an authority' },
      sasl: { mechanism: 'scram-sha-512', username: 'app', password: 'secret' },
      topicPrefix: 'staging.',
      partitions: 4,
      replicationFactor: 3,
    });
  });

  it.each([
    [{ EVENT_TRANSPORT: 'kafka' }, 'KAFKA_BROKERS: is not set, and EVENT_TRANSPORT=kafka needs it'],
    [{ ...kafka, KAFKA_BROKERS: 'one' }, 'KAFKA_BROKERS: must be host:port'],
    [{ ...kafka, KAFKA_TLS_CA_FILE: ca }, 'KAFKA_TLS_CA_FILE: is set, but KAFKA_TLS is not true'],
    [
      { ...kafka, KAFKA_TLS: '1', KAFKA_TLS_CA_FILE: '/nowhere' },
      'KAFKA_TLS_CA_FILE: names a file that cannot be read',
    ],
    [{ ...kafka, KAFKA_TLS: '1', KAFKA_TLS_CERT_FILE: ca }, 'KAFKA_TLS_KEY_FILE: is not set'],
    [{ ...kafka, KAFKA_SASL_USERNAME: 'app', KAFKA_SASL_PASSWORD: 'x' }, 'KAFKA_SASL_MECHANISM: is not set'],
    [{ EVENT_TRANSPORT: 'rabbit' }, 'EVENT_TRANSPORT: '],
  ])('%j is refused, by variable', (variables: Record<string, string>, message: string) => {
    expect(() => transportOf(variables)).toThrow(message);
  });

  it('tells all that is wrong at once, and no password', () => {
    const attempt = () =>
      transportOf({ EVENT_TRANSPORT: 'kafka', KAFKA_TLS_CA_FILE: '/nowhere', KAFKA_SASL_PASSWORD: 'hidden' });
    expect(attempt).toThrow(/KAFKA_TLS_CA_FILE[^]*KAFKA_SASL_MECHANISM[^]*KAFKA_SASL_USERNAME[^]*KAFKA_BROKERS/);
    expect(attempt).not.toThrow('hidden');
  });
});
