import { z } from 'zod';
import { wholeNumber } from './variables.js';

/** The port of each service on one machine; a container sets `PORT`. */
const localPorts = {
  'api-gateway': 8000,
  'signal-ingestion': 8001,
  'scoring-engine': 5002,
  orchestrator: 3000,
  'mockup-generation': 8002,
  'marketplace-publisher': 8003,
  'feedback-loop': 8004,
  monitoring: 8005,
} as const;

export type ServiceName = keyof typeof localPorts;

const port = () => wholeNumber(0, 65_535);

/** What every service reads. Spread it, or rather `serviceEnv(name)`, into the schema of `env.ts`. */
export const baseEnv = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  /** Address to listen on; containers set 0.0.0.0. */
  HOST: z.string().default('127.0.0.1'),
  /** Port to listen on; 0 takes a free one. */
  PORT: port(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  /** Release that telemetry names. */
  SERVICE_VERSION: z.string().max(100).optional(),
  SENTRY_DSN: z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).optional(),
  /** Bearer token that `GET /metrics` asks for; without it, the network guards the route. */
  METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  SHUTDOWN_DEADLINE_SECONDS: wholeNumber(1, 600).default(10),
  /** How long to go on serving after readiness said 503, so that a balancer has seen it; part of the deadline. */
  SHUTDOWN_READINESS_DELAY_SECONDS: wholeNumber(0, 300).default(0),
  /** Instant at which the domain's clock starts (ISO 8601); it then runs at real speed. */
  CLOCK_AS_OF: z.iso
    .datetime({ offset: true, error: 'must be an ISO 8601 instant such as 2026-01-31T12:00:00Z' })
    .optional(),
  SHOP_TIMEZONE: z.string().refine(isTimeZone, 'must be an IANA time zone such as Europe/Vienna').default('UTC'),
  SHOP_REGION: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 code such as US')
    .default('US'),
};

export type BaseEnv = Readonly<z.output<z.ZodObject<typeof baseEnv>>>;

/** `baseEnv` with the service's own port as default. */
export function serviceEnv(service: ServiceName) {
  return { ...baseEnv, PORT: port().default(localPorts[service]) };
}

/** What a service with a database reads besides. */
export const databaseEnv = {
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// URL' }),
  /** Connections of this process at most. */
  DATABASE_POOL_MAX: wholeNumber(1, 100).default(6),
};

/** The environment of a command that needs the database and nothing else. */
export type DatabaseEnv = Readonly<z.output<z.ZodObject<typeof databaseEnv>>>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
