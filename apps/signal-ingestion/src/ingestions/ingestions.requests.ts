import { z } from 'zod';
import { maxDocumentBytes } from '../fetching/source-fetcher.js';

const byUrl = z.strictObject({ url: z.string().trim().min(1).max(2_000) });

const byDocument = z.strictObject({
  source: z
    .string()
    .trim()
    .regex(/^feed:[^\p{Cc}]{1,195}$/u, 'must be feed:<name>, with a name of at most 195 characters'),
  document: z.string().min(1, 'must not be empty'),
});

/** Body of `POST /ingestions`. Which of the two forms is meant shows in the fields, so that errors are about that one. */
export const ingestionRequest = z.looseObject({}).transform((body, context) => {
  if ('url' in body && !('document' in body)) return checked(byUrl, body, context);
  return checked(byDocument, body, context);
});
export type IngestionRequest = z.output<typeof byUrl> | z.output<typeof byDocument>;

/** Whether a document has more bytes than are taken. */
export function isTooLarge(document: string): boolean {
  return document.length > maxDocumentBytes || Buffer.byteLength(document) > maxDocumentBytes;
}

const signalFields = {
  title: z.string().max(5_000),
  summary: z.string().max(50_000).default(''),
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
    .max(2_000)
    .nullable()
    .default(null),
  topics: z.array(z.string().max(200)).max(50).default([]),
  publishedAt: z.iso
    .datetime({ offset: true, error: 'must be an ISO 8601 instant such as 2026-01-31T12:00:00Z' })
    .nullable()
    .default(null),
  engagement: z.number().nonnegative().max(1e9).nullable().default(null),
  externalId: z.string().min(1).max(500).nullable().default(null),
  /** Kept as a hash only, so that an author's signals can be erased. */
  author: z.string().min(1).max(300).nullable().default(null),
};
const signal = z.strictObject(signalFields);
export type SignalRequest = z.output<typeof signal>;

const source = z
  .string()
  .regex(/^api(?::[a-z0-9][a-z0-9._-]{0,99})?$/, 'must be api or api:<name> in lower case')
  .default('api');
const one = z.strictObject({ ...signalFields, source });
const several = z.strictObject({ source, signals: z.array(signal).min(1).max(100) });

export interface SignalsRequest {
  readonly source: string;
  readonly signals: readonly SignalRequest[];
}

/** Body of `POST /signals`: one signal, or `{ "signals": [ … ] }`. */
export const signalsRequest = z.looseObject({}).transform((body, context): SignalsRequest => {
  if ('signals' in body) return checked(several, body, context);
  const { source: given, ...single } = checked(one, body, context);
  return { source: given, signals: [single] };
});

function checked<S extends z.ZodType>(schema: S, body: unknown, context: z.core.$RefinementCtx): z.output<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues) context.addIssue({ code: 'custom', path: [...path], message });
  return z.NEVER;
}
