import { eventCatalog, eventEnvelope, schemaMajor } from '@signalpress/contracts';
import type { EventEnvelope, EventType } from '@signalpress/contracts';
import type { z } from 'zod';
import { PoisonError } from '../messaging.errors.js';

const MOST_FIELDS = 10;

export interface CheckedEvent {
  readonly type: EventType;
  readonly event: EventEnvelope;
}

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventCatalog, type);
}

/**
 * Checks envelope and data against the catalogue; unknown fields are ignored and defaults filled in.
 * @throws PoisonError that names the fields, or the major version that we do not know
 */
export function readEvent(raw: unknown): CheckedEvent {
  const envelope = eventEnvelope.safeParse(raw);
  if (!envelope.success) throw unreadable('invalid-envelope', 'The envelope', envelope.error);
  const { type, dataschema } = envelope.data;
  if (!isEventType(type)) throw new PoisonError(`Nobody knows the event type ${type}`, { code: 'unknown-event-type' });
  const definition = eventCatalog[type];
  if (schemaMajor(dataschema) !== schemaMajor(`:${definition.version}`)) {
    throw new PoisonError(`We read ${type} ${definition.version}, this one is ${dataschema}`, {
      code: 'unknown-schema-version',
    });
  }
  const data = definition.schema.safeParse(envelope.data.data);
  if (!data.success) throw unreadable('invalid-event-data', `The data of ${type}`, data.error);
  return { type, event: { ...envelope.data, data: data.data } };
}

/** `field: problem; field: problem`, bounded. */
export function describeIssues(error: z.ZodError): string {
  const issues = error.issues.map(({ path, message }) => `${path.join('.') || '(whole)'}: ${message}`);
  const more = issues.length > MOST_FIELDS ? `; and ${issues.length - MOST_FIELDS} more` : '';
  return issues.slice(0, MOST_FIELDS).join('; ') + more;
}

function unreadable(code: string, what: string, cause: z.ZodError): PoisonError {
  return new PoisonError(`${what} is not valid: ${describeIssues(cause)}`, { code, cause });
}
