import { z } from 'zod';
import { EnvironmentError } from './environment.errors.js';
import { wholeNumber } from './variables.js';

/** `name=probability`, separated by semicolons, e.g. `relay.after-append=0.01;consumer.before-effect=0.01`. */
const failpoints = z
  .string()
  .regex(
    /^[a-z.-]+=(0|1|0?\.\d{1,6})(;[a-z.-]+=(0|1|0?\.\d{1,6}))*$/,
    'must be name=probability, separated by semicolons, each probability from 0 to 1',
  )
  .transform((text) =>
    Object.fromEntries(
      text.split(';').map((pair): [string, number] => {
        const [name = '', probability] = pair.split('=');
        return [name, Number(probability)];
      }),
    ),
  );

/** What a service with events and jobs reads about crashes: how soon others take over, and where to play one. */
export const deliveryEnv = {
  /** What a process that died had of the events is handled by others after this. */
  EVENT_LEASE_SECONDS: wholeNumber(2, 600).default(15),
  /** What a process that died had of the jobs is done by others after this. */
  JOB_LEASE_SECONDS: wholeNumber(3, 3_600).default(60),
  /** Steps of delivery at which the process kills itself, with a probability each; for drills. */
  FAILPOINTS: failpoints.optional(),
};

type DeliveryEnv = Readonly<z.output<z.ZodObject<typeof deliveryEnv>>> & { readonly NODE_ENV: string };

/** The same as messaging takes it. */
export interface DeliveryOptions {
  readonly leases: { readonly eventMs: number; readonly jobMs: number };
  readonly failpoints?: Readonly<Record<string, number>>;
}

/** @throws EnvironmentError when a process in production is asked to kill itself */
export function deliveryOptions(env: DeliveryEnv): DeliveryOptions {
  const { FAILPOINTS, NODE_ENV } = env;
  if (FAILPOINTS !== undefined && NODE_ENV === 'production') {
    throw new EnvironmentError([
      { variable: 'FAILPOINTS', message: 'must not be set in production: the process would kill itself' },
    ]);
  }
  return {
    leases: { eventMs: env.EVENT_LEASE_SECONDS * 1_000, jobMs: env.JOB_LEASE_SECONDS * 1_000 },
    ...(FAILPOINTS === undefined ? {} : { failpoints: FAILPOINTS }),
  };
}
