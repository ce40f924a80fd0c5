import type { Attributes, SpanContext } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { MessageBytes } from './message-bytes.js';

export type Resource = ReadableSpan['resource'];
export type Scope = ReadableSpan['instrumentationScope'];
type Link = ReadableSpan['links'][number];
type TimedEvent = ReadableSpan['events'][number];

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH = 2;
const FIXED_32 = 5;

/** The byte in front of a field of a protobuf message. */
const tag = (field: number, wireType: number): number => (field << 3) | wireType;

/** That it is known whether the parent is in another process, and that it is. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

const MIN_INTEGER = -(2 ** 63);
const MAX_INTEGER = 2 ** 63;

// The parts of OTLP's `ExportTraceServiceRequest`, byte for byte as the serializer of the SDK writes them.

/** The fields that hold `ScopeSpans` and `ResourceSpans`. */
export const SCOPE_SPANS = tag(2, LENGTH);
export const RESOURCE_SPANS = tag(1, LENGTH);

/** `resource` of `ResourceSpans`. */
export function writeResource(bytes: MessageBytes, { attributes }: Resource): void {
  const begun = bytes.begin(tag(1, LENGTH), 2);
  writeAttributes(bytes, tag(1, LENGTH), attributes);
  bytes.unsigned(tag(2, VARINT), 0);
  bytes.end(begun, 2);
}

/** `scope` of `ScopeSpans`. */
export function writeScope(bytes: MessageBytes, { name, version }: Scope): void {
  const begun = bytes.begin(tag(1, LENGTH), 1);
  bytes.text(tag(1, LENGTH), name);
  if (version) bytes.text(tag(2, LENGTH), version);
  bytes.end(begun, 1);
}

/** `schema_url` of both. */
export function writeSchemaUrl(bytes: MessageBytes, schemaUrl: string | undefined): void {
  if (schemaUrl) bytes.text(tag(3, LENGTH), schemaUrl);
}

/** One of the `spans` of `ScopeSpans`. */
export function writeSpan(bytes: MessageBytes, span: ReadableSpan): void {
  const begun = bytes.begin(tag(2, LENGTH), 2);
  const own = span.spanContext();
  const parent = span.parentSpanContext;
  writeIds(bytes, own);
  if (parent?.spanId) bytes.hex(tag(4, LENGTH), parent.spanId);
  bytes.text(tag(5, LENGTH), span.name);
  bytes.unsigned(tag(6, VARINT), span.kind + 1);
  bytes.time(tag(7, FIXED_64), span.startTime);
  bytes.time(tag(8, FIXED_64), span.endTime);
  writeAttributes(bytes, tag(9, LENGTH), span.attributes);
  bytes.unsigned(tag(10, VARINT), span.droppedAttributesCount);
  for (const event of span.events) writeEvent(bytes, event);
  bytes.unsigned(tag(12, VARINT), span.droppedEventsCount);
  for (const link of span.links) writeLink(bytes, link);
  bytes.unsigned(tag(14, VARINT), span.droppedLinksCount);
  const status = bytes.begin(tag(15, LENGTH), 1);
  if (span.status.message) bytes.text(tag(2, LENGTH), span.status.message);
  bytes.unsigned(tag(3, VARINT), span.status.code);
  bytes.end(status, 1);
  bytes.fixed32(tag(16, FIXED_32), flags(own.traceFlags, parent?.isRemote));
  bytes.end(begun, 2);
}

function writeIds(bytes: MessageBytes, { traceId, spanId, traceState }: SpanContext): void {
  bytes.hex(tag(1, LENGTH), traceId);
  bytes.hex(tag(2, LENGTH), spanId);
  const state = traceState?.serialize();
  if (state) bytes.text(tag(3, LENGTH), state);
}

function writeEvent(bytes: MessageBytes, event: TimedEvent): void {
  const begun = bytes.begin(tag(11, LENGTH), 2);
  bytes.time(tag(1, FIXED_64), event.time);
  bytes.text(tag(2, LENGTH), event.name);
  writeAttributes(bytes, tag(3, LENGTH), event.attributes);
  bytes.unsigned(tag(4, VARINT), event.droppedAttributesCount ?? 0);
  bytes.end(begun, 2);
}

function writeLink(bytes: MessageBytes, link: Link): void {
  const begun = bytes.begin(tag(13, LENGTH), 1);
  const { context } = link;
  writeIds(bytes, context);
  writeAttributes(bytes, tag(4, LENGTH), link.attributes);
  bytes.unsigned(tag(5, VARINT), link.droppedAttributesCount ?? 0);
  bytes.fixed32(tag(6, FIXED_32), flags(context.traceFlags, context.isRemote));
  bytes.end(begun, 1);
}

function flags(traceFlags: number, isRemote: boolean | undefined): number {
  return (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote ? IS_REMOTE : 0);
}

function writeAttributes(bytes: MessageBytes, fieldTag: number, attributes: Attributes | undefined): void {
  for (const key in attributes) {
    if (Object.hasOwn(attributes, key)) writeEntry(bytes, fieldTag, key, attributes[key]);
  }
}

function writeEntry(bytes: MessageBytes, fieldTag: number, key: string, value: unknown): void {
  const begun = bytes.begin(fieldTag, 1);
  bytes.text(tag(1, LENGTH), key);
  const valueBegun = bytes.begin(tag(2, LENGTH), 1);
  writeValue(bytes, value);
  bytes.end(valueBegun, 1);
  bytes.end(begun, 1);
}

/** What is no value of an attribute leaves the value empty. */
function writeValue(bytes: MessageBytes, value: unknown): void {
  if (typeof value === 'string') bytes.text(tag(1, LENGTH), value);
  else if (typeof value === 'boolean') bytes.unsigned(tag(2, VARINT), value ? 1 : 0);
  else if (typeof value === 'number') writeNumber(bytes, value);
  else if (value instanceof Uint8Array) bytes.raw(tag(7, LENGTH), value);
  else if (Array.isArray(value)) writeList(bytes, value);
  else if (typeof value === 'object' && value !== null) writeMap(bytes, value);
}

function writeNumber(bytes: MessageBytes, value: number): void {
  if (Number.isInteger(value) && value >= MIN_INTEGER && value < MAX_INTEGER) bytes.signed(tag(3, VARINT), value);
  else bytes.double(tag(4, FIXED_64), value);
}

function writeList(bytes: MessageBytes, values: readonly unknown[]): void {
  const begun = bytes.begin(tag(5, LENGTH), 1);
  for (const value of values) {
    const item = bytes.begin(tag(1, LENGTH), 1);
    writeValue(bytes, value);
    bytes.end(item, 1);
  }
  bytes.end(begun, 1);
}

function writeMap(bytes: MessageBytes, values: object): void {
  const begun = bytes.begin(tag(6, LENGTH), 1);
  for (const [key, value] of Object.entries(values)) writeEntry(bytes, tag(1, LENGTH), key, value);
  bytes.end(begun, 1);
}
