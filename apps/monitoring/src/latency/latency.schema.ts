import { z } from 'zod';
import { rankPage, windowHours } from '../series/window.js';

export const latencyQuery = z.object({ windowHours: windowHours.default(24), ...rankPage });
export type LatencyQuery = z.output<typeof latencyQuery>;

const milliseconds = z.number().nullable();
const durations = {
  count: z.int(),
  meanMs: milliseconds,
  p50Ms: milliseconds,
  p95Ms: milliseconds,
  maxMs: milliseconds,
};

/** Answer of `GET /latency`: ideas whose first listing lies in the window, and stages that ended in it. */
export const latencyReport = z.object({
  windowHours: z.number(),
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  ...durations,
  meanHours: z.number().nullable(),
  p50Hours: z.number().nullable(),
  p95Hours: z.number().nullable(),
  maxHours: z.number().nullable(),
  /** Mean that is agreed on. */
  thresholdHours: z.number(),
  /** Whether the mean is within the threshold; null when nothing was listed in the window. */
  withinThreshold: z.boolean().nullable(),
  /** A page of the ideas, slowest first. */
  slowest: z.array(
    z.object({
      ideaId: z.uuid(),
      phrase: z.string().nullable(),
      latencyMs: z.number(),
      latencyHours: z.number(),
      heldSeconds: z.number(),
      publishedAt: z.iso.datetime(),
    }),
  ),
  nextCursor: z.string().nullable(),
  stages: z.array(z.object({ stage: z.string(), ...durations })),
  sources: z.array(z.object({ source: z.string(), marketplace: z.string(), ...durations })),
});
export type LatencyReport = z.output<typeof latencyReport>;
