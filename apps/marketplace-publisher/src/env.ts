import { randomBytes } from 'node:crypto';
import {
  databaseEnv,
  decimal,
  eventsEnv,
  flag,
  loadDatabaseEnv,
  loadEnv,
  serviceEnv,
  serviceUrl,
  wholeNumber,
} from '@signalpress/service-defaults';
import { z } from 'zod';

const variables = z.object({
  ...serviceEnv('marketplace-publisher'),
  ...databaseEnv,
  ...eventsEnv,
  /** Where preview files come from. */
  MOCKUP_GENERATION_URL: serviceUrl().default('http://127.0.0.1:8002'),
  /** Where the storefront is reached over HTTP; default: this process. */
  STOREFRONT_URL: serviceUrl().optional(),
  /** What the addresses of listings begin with, as buyers see them; default: STOREFRONT_URL. */
  STOREFRONT_PUBLIC_URL: serviceUrl().optional(),
  /** Bearer key of the storefront's API. */
  STOREFRONT_API_KEY: z.string().min(24, 'must have at least 24 characters').optional(),
  /** Share of the price that is to remain after base cost and marketplace fee. */
  PRICE_MARGIN: decimal(0, 0.8).default(0.35),
  /** How often the counts of our listings are read. */
  OBSERVE_SECONDS: wholeNumber(1, 86_400).default(30),
  /** How often our listings are compared with what the marketplace shows. */
  SYNC_SECONDS: wholeNumber(1, 86_400).default(300),
  /** Whether the storefront has an admin API that changes listings behind the seller's back and plays faults. */
  STOREFRONT_FAULTS: flag().default(false),
});

/** Every variable that marketplace-publisher reads. */
export const schema = variables
  .refine((env) => env.NODE_ENV !== 'production' || env.STOREFRONT_API_KEY !== undefined, {
    path: ['STOREFRONT_API_KEY'],
    message: 'is required in production',
    // Also when other variables are wrong, so that all problems are told at once.
    when: () => true,
  })
  .refine((env) => env.NODE_ENV !== 'production' || !env.STOREFRONT_FAULTS, {
    path: ['STOREFRONT_FAULTS'],
    message: 'is refused in production: it lets anybody with the key break the shop for a drill',
    when: () => true,
  });

/**
 * Fills in where the storefront is and with which key. Outside production the key may be left out: publisher and storefront
 * live in one process, so a random key that nobody else knows serves both. Two instances that call each other need a common
 * one.
 */
export function complete(env: Readonly<z.output<typeof schema>>) {
  const storefrontUrl = env.STOREFRONT_URL ?? `http://127.0.0.1:${env.PORT}`;
  return Object.freeze({
    ...env,
    STOREFRONT_URL: storefrontUrl,
    STOREFRONT_PUBLIC_URL: env.STOREFRONT_PUBLIC_URL ?? storefrontUrl,
    STOREFRONT_API_KEY: env.STOREFRONT_API_KEY ?? randomBytes(24).toString('base64url'),
  });
}

/** @throws EnvironmentError that lists every variable that is missing or malformed */
export const readEnv = () => complete(loadEnv(schema, process.env));
export type Env = ReturnType<typeof readEnv>;

/** What the migrations read. @throws EnvironmentError */
export const readDatabaseEnv = () => loadDatabaseEnv(process.env);
