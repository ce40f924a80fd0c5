import { services } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
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

const urlOf = (service: ServiceName) => serviceUrl().default(`http://127.0.0.1:${services[service].localPort}`);

/** Every variable that monitoring reads. */
export const schema = z
  .object({
    ...serviceEnv('monitoring'),
    ...databaseEnv,
    ...eventsEnv,
    /** Mean publish latency that is agreed on, in hours. */
    SLA_THRESHOLD_HOURS: decimal(0, 8_760).default(2),
    /** Hours over which that mean is taken. */
    SLA_WINDOW_HOURS: decimal(0, 9_504).default(24),
    /** Ideas below which the mean says nothing. */
    SLA_MINIMUM_SAMPLES: wholeNumber(1, 1_000_000).default(5),
    /** How often the services' metrics and the queues are sampled. */
    SAMPLE_SECONDS: wholeNumber(1, 3_600).default(15),
    /** How often everything that is agreed on is checked. */
    CHECK_SECONDS: wholeNumber(1, 3_600).default(60),
    /** A condition that breaks again within so many minutes after it was resolved is the same incident, and no second page. */
    SLA_ALERT_COOLDOWN_MINUTES: decimal(0, 10_080).default(60),
    /** Events that may wait for one consumer group in one topic ... */
    QUEUE_BACKLOG_LIMIT: wholeNumber(0, 1_000_000_000).default(1_000),
    /** ... and for how long more may. */
    QUEUE_BACKLOG_SECONDS: wholeNumber(0, 86_400).default(300),
    /** Listings that may differ from the marketplace. */
    LISTING_DRIFT_LIMIT: wholeNumber(0, 1_000_000).default(0),
    /** Pages by PagerDuty's Events API v2; needs the routing key. */
    ENABLE_PAGERDUTY: flag().default(false),
    PAGERDUTY_ROUTING_KEY: z
      .string()
      .regex(/^[A-Za-z0-9]{32}$/, 'must be the 32 letters and digits of an Events API v2 integration')
      .optional(),
    PAGERDUTY_EVENTS_URL: serviceUrl().default('https://events.pagerduty.com/v2/enqueue'),
    PAGERDUTY_TIMEOUT_SECONDS: decimal(0.1, 60).default(10),
    /** Where links of an incident lead; without it there are none. */
    DASHBOARD_BASE_URL: serviceUrl().optional(),
    RUNBOOK_BASE_URL: serviceUrl().optional(),
    API_GATEWAY_URL: urlOf('api-gateway'),
    SIGNAL_INGESTION_URL: urlOf('signal-ingestion'),
    SCORING_ENGINE_URL: urlOf('scoring-engine'),
    ORCHESTRATOR_URL: urlOf('orchestrator'),
    MOCKUP_GENERATION_URL: urlOf('mockup-generation'),
    MARKETPLACE_PUBLISHER_URL: urlOf('marketplace-publisher'),
    FEEDBACK_LOOP_URL: urlOf('feedback-loop'),
  })
  .refine((env) => !env.ENABLE_PAGERDUTY || env.PAGERDUTY_ROUTING_KEY !== undefined, {
    path: ['PAGERDUTY_ROUTING_KEY'],
    error: 'is not set, and ENABLE_PAGERDUTY=true needs it (32 characters)',
    // Told together with whatever else is wrong.
    when: ({ value }) => typeof value === 'object' && value !== null && 'ENABLE_PAGERDUTY' in value,
  });

/** @throws EnvironmentError that lists every variable that is missing or malformed */
export const readEnv = () => loadEnv(schema, process.env);
export type Env = ReturnType<typeof readEnv>;

/** What the migrations read. @throws EnvironmentError */
export const readDatabaseEnv = () => loadDatabaseEnv(process.env);
