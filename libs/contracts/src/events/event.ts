import type { z } from 'zod';

/**
 * One version of one event type. `schema` checks the data when it is published and when it is consumed; unknown fields
 * are ignored, so that a newer producer never breaks an older consumer of the same major version.
 */
export interface EventDefinition<S extends z.ZodType = z.ZodType> {
  /** `major.minor`. Within a major version only optional fields are added. */
  readonly version: `${number}.${number}`;
  /** What happened, in one sentence. */
  readonly description: string;
  readonly schema: S;
  /** Name of the field whose value is the event's key: order is kept among the events with an equal key. */
  readonly key: string & keyof z.output<S>;
  /** A complete, valid instance; it documents the event and feeds the tests. */
  readonly example: z.input<S>;
}

/** Declares an event; exists to infer the schema's type. */
export function defineEvent<S extends z.ZodType>(definition: EventDefinition<S>): EventDefinition<S> {
  return definition;
}
