import { serviceNames } from '@signalpress/contracts';
import { z } from 'zod';

/** Answer of `GET /status`. */
export const platformStatus = z.object({
  status: z.enum(['up', 'degraded']),
  checkedAt: z.iso.datetime(),
  services: z.array(
    z.object({
      service: z.enum(serviceNames),
      status: z.enum(['up', 'unhealthy', 'unreachable']),
      /** HTTP status of its `/health`; null when it did not answer. */
      httpStatus: z.int().nullable(),
      durationMs: z.number(),
      /** Why it is not up; null otherwise. */
      reason: z.string().nullable(),
    }),
  ),
});
