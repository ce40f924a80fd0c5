import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { deliveryEnv } from './delivery-env.js';
import { EnvironmentError } from './environment.errors.js';
import type { EnvironmentProblem } from './environment.errors.js';
import { flag, wholeNumber } from './variables.js';

/** What a service with events reads: which transport carries them, how to reach it, and what follows a crash. */
export const eventsEnv = {
  EVENT_TRANSPORT: z.enum(['postgres', 'kafka']).default('postgres'),
  /** Some brokers of the cluster, as host:port with commas between them. */
  KAFKA_BROKERS: z
    .string()
    .transform((list) => list.split(',').map((broker) => broker.trim()))
    .refine((list) => list.every(isBroker), 'must be host:port, with commas between several')
    .optional(),
  KAFKA_TLS: flag().default(false),
  /** PEM file of the authority that signed the brokers' certificates; without it the usual authorities count. */
  KAFKA_TLS_CA_FILE: z.string().optional(),
  /** PEM files of our own certificate, where brokers ask for one. */
  KAFKA_TLS_CERT_FILE: z.string().optional(),
  KAFKA_TLS_KEY_FILE: z.string().optional(),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  /** Put before every topic and group, for several installations on one cluster. */
  KAFKA_TOPIC_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._-]{0,100}$/, 'must be letters, digits, dots, hyphens and underscores')
    .default(''),
  /** What topics are created with when they do not exist. */
  KAFKA_PARTITIONS: wholeNumber(1, 1_000).default(8),
  KAFKA_REPLICATION_FACTOR: wholeNumber(1, 9).default(1),
  ...deliveryEnv,
};

type EventsEnv = Readonly<z.output<z.ZodObject<typeof eventsEnv>>>;

/** Plain data, as `MessagingModule.forRoot({ transport })` takes it. Files are read; the password is in it. */
export type EventTransport =
  | { readonly kind: 'postgres' }
  | {
      readonly kind: 'kafka';
      readonly brokers: readonly string[];
      readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
      readonly sasl?: {
        readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
        readonly username: string;
        readonly password: string;
      };
      readonly topicPrefix: string;
      readonly partitions: number;
      readonly replicationFactor: number;
    };

/**
 * The transport that the environment asks for.
 * @throws EnvironmentError that lists what is missing, contradictory or not readable, by variable
 */
export function eventTransport(env: EventsEnv): EventTransport {
  if (env.EVENT_TRANSPORT === 'postgres') return { kind: 'postgres' };
  const problems: EnvironmentProblem[] = [];
  const tls = tlsOf(env, problems);
  const sasl = saslOf(env, problems);
  if (env.KAFKA_BROKERS === undefined) {
    problems.push({ variable: 'KAFKA_BROKERS', message: 'is not set, and EVENT_TRANSPORT=kafka needs it' });
  }
  if (problems.length > 0) throw new EnvironmentError(problems);
  return {
    kind: 'kafka',
    brokers: env.KAFKA_BROKERS ?? [],
    topicPrefix: env.KAFKA_TOPIC_PREFIX,
    partitions: env.KAFKA_PARTITIONS,
    replicationFactor: env.KAFKA_REPLICATION_FACTOR,
    ...(tls === undefined ? {} : { tls }),
    ...(sasl === undefined ? {} : { sasl }),
  };
}

function tlsOf(
  env: EventsEnv,
  problems: EnvironmentProblem[],
): { ca?: string; cert?: string; key?: string } | undefined {
  const files = [
    ['KAFKA_TLS_CA_FILE', 'ca'],
    ['KAFKA_TLS_CERT_FILE', 'cert'],
    ['KAFKA_TLS_KEY_FILE', 'key'],
  ] as const;
  const tls: { ca?: string; cert?: string; key?: string } = {};
  for (const [variable, part] of files) {
    const file = env[variable];
    if (file === undefined) continue;
    if (!env.KAFKA_TLS) problems.push({ variable, message: 'is set, but KAFKA_TLS is not true' });
    const text = textOf(file);
    if (text === undefined) problems.push({ variable, message: `names a file that cannot be read: ${file}` });
    else tls[part] = text;
  }
  if ((env.KAFKA_TLS_CERT_FILE === undefined) !== (env.KAFKA_TLS_KEY_FILE === undefined)) {
    const variable = env.KAFKA_TLS_CERT_FILE === undefined ? 'KAFKA_TLS_CERT_FILE' : 'KAFKA_TLS_KEY_FILE';
    problems.push({ variable, message: 'is not set: certificate and key belong together' });
  }
  return env.KAFKA_TLS ? tls : undefined;
}

function saslOf(env: EventsEnv, problems: EnvironmentProblem[]) {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = env;
  const given = { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password };
  const missing = Object.entries(given).filter(([, value]) => value === undefined);
  if (missing.length === 3) return undefined;
  for (const [variable] of missing) {
    problems.push({ variable, message: 'is not set: mechanism, user and password belong together' });
  }
  if (mechanism === undefined || username === undefined || password === undefined) return undefined;
  return { mechanism, username, password };
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isBroker(text: string): boolean {
  const [, port] = /^(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\]):(\d{1,5})$/.exec(text) ?? [];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}
