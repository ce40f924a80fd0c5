import { loadEnv, serviceEnv, serviceUrl, wholeNumber } from '@signalpress/service-defaults';
import { z } from 'zod';
import { services } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';

const upstream = (service: ServiceName) => serviceUrl().default(`http://127.0.0.1:${services[service].localPort}`);

/** Every variable that the gateway reads. */
export const schema = z.object({
  ...serviceEnv('api-gateway'),
  ADMIN_KEY_SHA256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be the SHA-256 of the key in hexadecimal (64 characters)')
    .optional(),
  SIGNAL_INGESTION_URL: upstream('signal-ingestion'),
  SCORING_ENGINE_URL: upstream('scoring-engine'),
  ORCHESTRATOR_URL: upstream('orchestrator'),
  MOCKUP_GENERATION_URL: upstream('mockup-generation'),
  MARKETPLACE_PUBLISHER_URL: upstream('marketplace-publisher'),
  FEEDBACK_LOOP_URL: upstream('feedback-loop'),
  MONITORING_URL: upstream('monitoring'),
  UPSTREAM_TIMEOUT_SECONDS: wholeNumber(1, 300).default(30),
  RATE_LIMIT_KEY_PER_MINUTE: wholeNumber(1, 1_000_000).default(6000),
  RATE_LIMIT_ADDRESS_PER_MINUTE: wholeNumber(1, 1_000_000).default(1200),
  TRUSTED_PROXIES: z.string().max(1000).optional(),
});

/** @throws EnvironmentError that lists every variable that is missing or malformed */
export const readEnv = () => loadEnv(schema, process.env);
export type Env = ReturnType<typeof readEnv>;
