import { z } from 'zod';
import { page, plainName, windowHours } from '../series/window.js';

export const queueLengthQuery = z.object({
  windowHours: windowHours.default(1),
  topic: plainName.optional(),
  group: plainName.optional(),
  ...page,
});
export type QueueLengthQuery = z.output<typeof queueLengthQuery>;

/** Answer of `GET /queue-length`: the newest sample of every queue, and a page of five-minute buckets, newest first. */
export const queueLengthReport = z.object({
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  current: z.array(
    z.object({
      topic: z.string(),
      group: z.string(),
      length: z.int(),
      oldestAgeSeconds: z.number().nullable(),
      sampledAt: z.iso.datetime(),
    }),
  ),
  items: z.array(
    z.object({
      bucket: z.iso.datetime(),
      topic: z.string(),
      group: z.string(),
      meanLength: z.number(),
      maxLength: z.int(),
      maxOldestAgeSeconds: z.number().nullable(),
    }),
  ),
  nextCursor: z.string().nullable(),
});
export type QueueLengthReport = z.output<typeof queueLengthReport>;
