import { services } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
import { databaseEnv, decimal, loadEnv, serviceEnv, serviceUrl } from '@signalpress/service-defaults';
import { z } from 'zod';

const urlOf = (service: ServiceName) => serviceUrl().default(`http://127.0.0.1:${services[service].localPort}`);

/** Every variable that monitoring reads. */
export const schema = z.object({
  ...serviceEnv('monitoring'),
  ...databaseEnv,
  /** Mean publish latency that is agreed on, in hours. */
  SLA_THRESHOLD_HOURS: decimal(0, 8_760).default(2),
  API_GATEWAY_URL: urlOf('api-gateway'),
  SIGNAL_INGESTION_URL: urlOf('signal-ingestion'),
  SCORING_ENGINE_URL: urlOf('scoring-engine'),
  ORCHESTRATOR_URL: urlOf('orchestrator'),
  MOCKUP_GENERATION_URL: urlOf('mockup-generation'),
  MARKETPLACE_PUBLISHER_URL: urlOf('marketplace-publisher'),
  FEEDBACK_LOOP_URL: urlOf('feedback-loop'),
});

/** @throws EnvironmentError that lists every variable that is missing or malformed */
export const readEnv = () => loadEnv(schema, process.env);
export type Env = ReturnType<typeof readEnv>;
