import { serviceNames } from '@signalpress/contracts';
import { z } from 'zod';
import { windowHours } from '../series/window.js';

export const statusQuery = z.object({ windowHours: windowHours.default(24) });

/** Answer of `GET /status`: how each service is, and how it was. */
export const platformStatus = z.object({
  status: z.enum(['up', 'degraded']),
  checkedAt: z.iso.datetime(),
  windowHours: z.number(),
  services: z.array(
    z.object({
      service: z.enum(serviceNames),
      status: z.enum(['up', 'unhealthy', 'unreachable']),
      /** HTTP status of its `/health`; null when it did not answer. */
      httpStatus: z.int().nullable(),
      durationMs: z.number(),
      /** Why it is not up; null otherwise. */
      reason: z.string().nullable(),
      /** Share of the samples of the window in which it answered; null without samples. */
      upShare: z.number().min(0).max(1).nullable(),
    }),
  ),
});
export type StatusReport = z.output<typeof platformStatus>;
