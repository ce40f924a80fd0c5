import { z } from 'zod';
import { storedStates } from '../workflow/workflow.states.js';

/** Where a page of ideas ended: the creation time and identifier of its last idea. */
export interface Cursor {
  readonly createdAt: Date;
  readonly ideaId: string;
}

const cursorFields = z.tuple([z.iso.datetime(), z.uuid()]);

export const encodeCursor = ({ createdAt, ideaId }: Cursor): string =>
  Buffer.from(JSON.stringify([createdAt.toISOString(), ideaId])).toString('base64url');

const cursor = z
  .string()
  .max(200)
  .transform((text, context): Cursor => {
    try {
      const [createdAt, ideaId] = cursorFields.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
      return { createdAt: new Date(createdAt), ideaId };
    } catch {
      context.addIssue({ code: 'custom', message: 'is not a cursor that an earlier page gave' });
      return z.NEVER;
    }
  });

export const listQuery = z.object({
  state: z.enum(storedStates).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: cursor.optional(),
});
export type ListQuery = z.output<typeof listQuery>;

export const ideaId = z.uuid();

const by = z.string().trim().min(1).max(100);
const reason = z.string().trim().min(1).max(500);

/** A person's word on a held idea. */
export const handDecision = z.object({ by, reason });
export type HandDecision = z.output<typeof handDecision>;

/** A person takes a listing down; both fields may be left out, and the body too. */
export const withdrawal = z.preprocess(
  (body) => body ?? {},
  z.object({ by: by.default('operator'), reason: reason.default('withdrawn by hand') }),
);
