import { z } from 'zod';

const HOUR_MS = 3_600_000;
/** Series are kept for 13 months. */
const LONGEST_WINDOW_HOURS = 24 * 396;

export const windowHours = z.coerce.number().positive().max(LONGEST_WINDOW_HOURS);

/** A name as topics, groups and services have it. */
export const plainName = z.string().regex(/^[\w.:-]{1,100}$/, 'must be a name of letters, digits and . : _ -');

const instant = z.iso.datetime();

/** A page of rows, newest first; `cursor` is what the page before gave as `nextCursor`. */
export const page = {
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z
    .string()
    .max(400)
    .transform((text, context) => {
      const [time = '', ...names] = Buffer.from(text, 'base64url').toString('utf8').split('\n');
      const isOurs = instant.safeParse(time).success && names.every((name) => plainName.safeParse(name).success);
      if (isOurs) return [time, ...names];
      context.addIssue({ code: 'custom', message: 'is not a cursor of this route' });
      return z.NEVER;
    })
    .optional(),
};

/** A page of rows, largest first; `cursor` is what the page before gave as `nextCursor`. */
export const rankPage = {
  limit: z.coerce.number().int().min(1).max(200).default(10),
  cursor: z
    .string()
    .max(400)
    .transform((text, context): { readonly value: number; readonly id: string } => {
      const [value = '', id = '', ...more] = Buffer.from(text, 'base64url').toString('utf8').split('\n');
      const isOurs = /^\d+(\.\d+)?(e\+\d+)?$/.test(value) && z.uuid().safeParse(id).success && more.length === 0;
      if (isOurs) return { value: Number(value), id };
      context.addIssue({ code: 'custom', message: 'is not a cursor of this route' });
      return z.NEVER;
    })
    .optional(),
};

/** A cursor behind a row: its time and whatever else tells it from the others of that time. */
export const cursorOf = (...parts: readonly string[]): string => Buffer.from(parts.join('\n')).toString('base64url');

/** Both ends of a window that ends now. */
export function windowUntil(until: Date, hours: number): { from: Date; until: Date } {
  return { from: new Date(until.getTime() - hours * HOUR_MS), until };
}
