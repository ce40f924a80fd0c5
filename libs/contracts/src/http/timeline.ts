import { z } from 'zod';

/** Answer of `GET /ideas/:id/timeline`, as far as others than monitoring read it. */
export const ideaTimeline = z.object({
  ideaId: z.uuid(),
  phrase: z.string().nullable(),
  /** Milliseconds; null unless listed. */
  publishLatencyMs: z.number().nonnegative().nullable(),
  steps: z.array(
    z.object({
      /** Type of the event that ended the step. */
      type: z.string(),
      at: z.iso.datetime(),
      sincePreviousMs: z.number().nonnegative(),
      traceId: z.string().nullable(),
    }),
  ),
});
export type IdeaTimeline = z.output<typeof ideaTimeline>;
