import { z } from 'zod';

/** RFC 9457 problem details; every error answer of every service has this form. */
export const problemDetails = z.object({
  /** `urn:signalpress:problem:<code>`; the code is stable, the wording is not. */
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().optional(),
  /** Path of the request. */
  instance: z.string().optional(),
  /** Trace id of the request, to find it in logs and traces. */
  traceId: z.string().optional(),
  /** What to change, field by field, when the request was not valid. */
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
export type ProblemDetails = z.output<typeof problemDetails>;
