import type { OutgoingEvent } from '../transport.js';

/** An event in Kafka's binary mode: attributes as `ce_*` headers, the data as value. */
export interface KafkaMessage {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A message as it arrives, its bytes decoded. */
export interface ReceivedMessage {
  readonly offset: bigint;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
}

/** When the event was written to the outbox; ours, and no part of the envelope. */
const RECORDED_AT = 'ce_recordedat';
/** W3C trace context stands under its own names, where every tracer looks for it. */
const TRACE: readonly string[] = ['traceparent', 'tracestate', 'baggage'];
const CONTENT_TYPE = 'content-type';
const DATA = 'data';

/** Names of both sides for what our envelopes have: not made anew for each message. */
const headerNames = new Map(
  ['specversion', 'id', 'type', 'source', 'subject', 'time', 'datacontenttype', 'dataschema', ...TRACE].map(
    (attribute) => [attribute, headerOf(attribute)],
  ),
);
const attributeNames = new Map([...headerNames].map(([attribute, header]) => [header, attribute]));

/** CloudEvents 1.0, "Kafka Protocol Binding", binary content mode. */
export function toMessage(event: OutgoingEvent): KafkaMessage {
  const envelope = JSON.parse(event.envelope) as Readonly<Record<string, unknown>>;
  const headers: Record<string, string> = { [RECORDED_AT]: event.recordedAt.toISOString() };
  for (const name of Object.keys(envelope)) {
    const value = envelope[name];
    if (name === DATA || value === null || value === undefined) continue;
    headers[headerNames.get(name) ?? headerOf(name)] = textOf(value);
  }
  return { key: event.key, value: JSON.stringify(envelope[DATA] ?? null), headers };
}

/** The envelope that `toMessage` was given; whatever is wrong with it is for the consumer to find. */
export function toEnvelope({ value, headers }: ReceivedMessage): unknown {
  const envelope: Record<string, unknown> = {};
  for (const name of Object.keys(headers)) {
    const attribute = attributeNames.get(name) ?? attributeOf(name);
    if (attribute !== undefined && name !== RECORDED_AT) envelope[attribute] = headers[name];
  }
  envelope[DATA] = parsed(value);
  return envelope;
}

/** When the event was written to its outbox, in milliseconds of the epoch; undefined when the message does not tell. */
export function recordedAtOf({ headers }: ReceivedMessage): number | undefined {
  const time = Date.parse(headers[RECORDED_AT] ?? '');
  return Number.isNaN(time) ? undefined : time;
}

function headerOf(attribute: string): string {
  if (TRACE.includes(attribute)) return attribute;
  return attribute === 'datacontenttype' ? CONTENT_TYPE : `ce_${attribute}`;
}

function attributeOf(header: string): string | undefined {
  if (TRACE.includes(header)) return header;
  if (header === CONTENT_TYPE) return 'datacontenttype';
  return header.startsWith('ce_') ? header.slice(3) : undefined;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What is no JSON stays text, so that a dead letter shows it. */
function parsed(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
