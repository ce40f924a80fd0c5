import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KafkaOptions } from './kafka.cluster.js';
import { freePorts } from './kafka.ports.js';
import type { KafkaUser } from './kafka.properties.js';

/** A further listener of one broker, for clients that encrypt and sign in. */
export interface SecuredListener {
  /** `host:port` for clients. */
  readonly address: string;
  /** PEM file of what they have to trust. */
  readonly certificateFile: string;
  /** For `startKafka`. */
  readonly options: Pick<KafkaOptions, 'properties' | 'scramUsers'>;
}

const PACKAGE = 'org.apache.kafka.common.security';

/**
 * Prepares a listener that takes the user by PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512, over TLS with a certificate of its own.
 * @param directory where key and certificate are put
 */
export async function securedListener(directory: string, user: KafkaUser): Promise<SecuredListener> {
  const certificateFile = join(directory, 'certificate.pem');
  const store = keyStore(directory, certificateFile);
  const [port = 0] = await freePorts(1);
  const listener = 'listener.name.clients';
  return {
    address: `127.0.0.1:${port}`,
    certificateFile,
    options: {
      scramUsers: [user],
      properties: ({ port: plain, controllerPort }) => ({
        listeners: `PLAINTEXT://127.0.0.1:${plain},CONTROLLER://127.0.0.1:${controllerPort},CLIENTS://127.0.0.1:${port}`,
        'advertised.listeners': `PLAINTEXT://127.0.0.1:${plain},CLIENTS://127.0.0.1:${port}`,
        'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CLIENTS:SASL_SSL',
        'inter.broker.listener.name': 'PLAINTEXT',
        [`${listener}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
        [`${listener}.plain.sasl.jaas.config`]: `${PACKAGE}.plain.PlainLoginModule required user_${user.name}="${user.password}";`,
        [`${listener}.scram-sha-256.sasl.jaas.config`]: `${PACKAGE}.scram.ScramLoginModule required;`,
        [`${listener}.scram-sha-512.sasl.jaas.config`]: `${PACKAGE}.scram.ScramLoginModule required;`,
        [`${listener}.ssl.keystore.type`]: 'PEM',
        [`${listener}.ssl.keystore.location`]: store,
      }),
    },
  };
}

/** @returns a file with a new key and its certificate, which signs itself */
function keyStore(directory: string, certificateFile: string): string {
  const key = join(directory, 'key.pem');
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1'];
  const files = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificateFile];
  const made = spawnSync('openssl', [...request, ...files], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`openssl has made no certificate: ${made.stderr}`);
  const store = join(directory, 'store.pem');
  writeFileSync(store, readFileSync(key, 'utf8') + readFileSync(certificateFile, 'utf8'), { mode: 0o600 });
  return store;
}
