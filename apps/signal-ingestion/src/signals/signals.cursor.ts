import { z } from 'zod';
import type { SignalPosition } from './signals.repository.js';

const position = z.tuple([z.iso.datetime(), z.uuid()]);

/** Query of `GET /signals`. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .max(200)
    .transform((text, context): SignalPosition => {
      const parsed = position.safeParse(Buffer.from(text, 'base64url').toString().split('|'));
      if (parsed.success) return { capturedAt: new Date(parsed.data[0]), id: parsed.data[1] };
      context.addIssue({ code: 'custom', message: 'must be the nextCursor of an earlier page' });
      return z.NEVER;
    })
    .optional(),
});
export type PageQuery = z.output<typeof pageQuery>;

/** Names the place of a row; the next page begins after it. */
export function cursorOf(row: { captured_at: Date; id: string }): string {
  return Buffer.from(`${row.captured_at.toISOString()}|${row.id}`).toString('base64url');
}
