import { z } from 'zod';

/**
 * CloudEvents 1.0 with the W3C trace context as extension attributes. `subject` is the key within which order is kept.
 * The envelope does not know the data's type: `eventCatalog` does.
 */
export const eventEnvelope = z.object({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  type: z.string().min(1).max(100),
  /** The emitting service, e.g. `/signalpress/scoring-engine`. */
  source: z.string().min(1).max(200),
  subject: z.string().min(1).max(200),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  /** `signalpress:<type>:<major.minor>` */
  dataschema: z.string().regex(/^signalpress:[a-z.-]+:\d+\.\d+$/),
  traceparent: z.string().max(100).optional(),
  tracestate: z.string().max(512).optional(),
  baggage: z.string().max(8_192).optional(),
  data: z.unknown(),
});
export type EventEnvelope<D = unknown> = Omit<z.output<typeof eventEnvelope>, 'data'> & { data: D };

/** Name of a schema version as `dataschema` carries it. */
export const schemaName = (type: string, version: string): string => `signalpress:${type}:${version}`;

/** Major version in a `dataschema` name, or undefined when the name has another form. */
export function schemaMajor(dataschema: string): number | undefined {
  const major = /:(\d+)\.\d+$/.exec(dataschema)?.[1];
  return major === undefined ? undefined : Number(major);
}
