import { z } from 'zod';

export const timelineParams = z.object({ ideaId: z.uuid() });
export const timelineQuery = z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(500) });

/** Answer of `GET /ideas/:ideaId/timeline`. */
export const timelineAnswer = z.object({
  ideaId: z.uuid(),
  phrase: z.string().nullable(),
  outcome: z.string(),
  detail: z.string().nullable(),
  foundingCapturedAt: z.iso.datetime().nullable(),
  publishedAt: z.iso.datetime().nullable(),
  heldSeconds: z.number().nullable(),
  publishLatencyMs: z.number().nullable(),
  traceIds: z.array(z.string()),
  steps: z.array(
    z.object({
      at: z.iso.datetime(),
      sincePreviousMs: z.number(),
      sinceStartMs: z.number(),
      type: z.string(),
      service: z.string(),
      detail: z.string().nullable(),
      traceId: z.string().nullable(),
      held: z.boolean(),
    }),
  ),
  truncated: z.boolean(),
});
