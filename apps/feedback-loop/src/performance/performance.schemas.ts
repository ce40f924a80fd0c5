import { z } from 'zod';
import type { Cursor } from './performance.queries.js';

const cursorFields = z.tuple([z.iso.datetime(), z.uuid()]);

export const encodeCursor = ({ updatedAt, ideaId }: Cursor): string =>
  Buffer.from(JSON.stringify([updatedAt.toISOString(), ideaId])).toString('base64url');

const cursor = z
  .string()
  .max(200)
  .transform((text, context): Cursor => {
    try {
      const [updatedAt, ideaId] = cursorFields.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
      return { updatedAt: new Date(updatedAt), ideaId };
    } catch {
      context.addIssue({ code: 'custom', message: 'is not a cursor that an earlier page gave' });
      return z.NEVER;
    }
  });

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: cursor.optional(),
});
export type PageQuery = z.output<typeof pageQuery>;

export const ideaId = z.uuid();
