import type {
  DecodedEvent,
  DecodedLink,
  DecodedSpan,
  SpanAttribute,
  SpanAttributes,
  SpanKindName,
} from '../recorded-span.js';
import { asBytes, asDouble, asHex, asInteger, asSigned, asText, readFields } from './protobuf-reader.js';

/** In the order of `SpanKind` of the protocol. */
const kinds: SpanKindName[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const statusCodes = ['unset', 'ok', 'error'] as const;

/**
 * Decodes an `ExportTraceServiceRequest`. Field numbers are those of opentelemetry-proto
 * (`opentelemetry/proto/trace/v1/trace.proto`, `common/v1/common.proto`); the SDK for JavaScript can only encode it.
 *
 * @throws Error when the bytes are not such a message.
 */
export function decodeTraceRequest(message: Uint8Array): DecodedSpan[] {
  const spans: DecodedSpan[] = [];
  for (const field of readFields(message)) {
    if (field.number === 1) spans.push(...decodeResourceSpans(asBytes(field.value)));
  }
  return spans;
}

/** How many spans an `ExportTraceServiceRequest` holds, without decoding them: a small part of the work. */
export function countSpans(message: Uint8Array): number {
  let count = 0;
  for (const resourceSpans of readFields(message)) {
    if (resourceSpans.number !== 1) continue;
    for (const scopeSpans of readFields(asBytes(resourceSpans.value))) {
      if (scopeSpans.number !== 2) continue;
      for (const { number } of readFields(asBytes(scopeSpans.value))) if (number === 2) count += 1;
    }
  }
  return count;
}

function decodeResourceSpans(message: Uint8Array): DecodedSpan[] {
  let attributes: SpanAttributes = {};
  const scopes: Uint8Array[] = [];
  for (const { number, value } of readFields(message)) {
    if (number === 1) attributes = attributesAt(1, asBytes(value));
    else if (number === 2) scopes.push(asBytes(value));
  }
  const name = attributes['service.name'];
  const resource = { serviceName: typeof name === 'string' ? name : undefined, attributes };
  return scopes.flatMap((scope) => decodeScopeSpans(scope, resource));
}

function decodeScopeSpans(message: Uint8Array, resource: DecodedSpan['resource']): DecodedSpan[] {
  let scope: DecodedSpan['scope'] = { name: '' };
  const spans: Uint8Array[] = [];
  for (const { number, value } of readFields(message)) {
    if (number === 1) scope = decodeScope(asBytes(value));
    else if (number === 2) spans.push(asBytes(value));
  }
  return spans.map((span) => decodeSpan(span, scope, resource));
}

function decodeScope(message: Uint8Array): DecodedSpan['scope'] {
  const scope: DecodedSpan['scope'] = { name: '' };
  for (const { number, value } of readFields(message)) {
    if (number === 1) scope.name = asText(value);
    else if (number === 2) scope.version = asText(value);
  }
  return scope;
}

function decodeSpan(message: Uint8Array, scope: DecodedSpan['scope'], resource: DecodedSpan['resource']): DecodedSpan {
  let endTimeNs = 0n;
  const span: DecodedSpan = {
    traceId: '',
    spanId: '',
    name: '',
    kind: 'unspecified',
    attributes: attributesAt(9, message),
    links: [],
    events: [],
    status: { code: 'unset' },
    startTimeNs: 0n,
    durationMs: 0,
    scope,
    resource,
  };
  for (const { number, value } of readFields(message)) {
    if (number === 1) span.traceId = asHex(value);
    else if (number === 2) span.spanId = asHex(value);
    else if (number === 4 && asBytes(value).length > 0) span.parentSpanId = asHex(value);
    else if (number === 5) span.name = asText(value);
    else if (number === 6) span.kind = kinds[asSigned(value)] ?? 'unspecified';
    else if (number === 7) span.startTimeNs = asInteger(value);
    else if (number === 8) endTimeNs = asInteger(value);
    else if (number === 11) span.events.push(decodeEvent(asBytes(value)));
    else if (number === 13) span.links.push(decodeLink(asBytes(value)));
    else if (number === 15) span.status = decodeStatus(asBytes(value));
  }
  span.durationMs = Number(endTimeNs - span.startTimeNs) / 1e6;
  return span;
}

function decodeEvent(message: Uint8Array): DecodedEvent {
  const event: DecodedEvent = { name: '', attributes: attributesAt(3, message) };
  for (const { number, value } of readFields(message)) {
    if (number === 2) event.name = asText(value);
  }
  return event;
}

function decodeLink(message: Uint8Array): DecodedLink {
  const link: DecodedLink = { traceId: '', spanId: '', attributes: attributesAt(4, message) };
  for (const { number, value } of readFields(message)) {
    if (number === 1) link.traceId = asHex(value);
    else if (number === 2) link.spanId = asHex(value);
  }
  return link;
}

function decodeStatus(message: Uint8Array): DecodedSpan['status'] {
  const status: DecodedSpan['status'] = { code: 'unset' };
  for (const { number, value } of readFields(message)) {
    if (number === 2) status.message = asText(value);
    else if (number === 3) status.code = statusCodes[asSigned(value)] ?? 'unset';
  }
  return status;
}

/** The `repeated KeyValue` of a message at the given field number. */
function attributesAt(fieldNumber: number, message: Uint8Array): SpanAttributes {
  const attributes: SpanAttributes = {};
  for (const field of readFields(message)) {
    if (field.number !== fieldNumber) continue;
    let key = '';
    let value: SpanAttribute = null;
    for (const part of readFields(asBytes(field.value))) {
      if (part.number === 1) key = asText(part.value);
      else if (part.number === 2) value = decodeValue(asBytes(part.value));
    }
    attributes[key] = value;
  }
  return attributes;
}

/** An `AnyValue`; one without a field is null. */
function decodeValue(message: Uint8Array): SpanAttribute {
  for (const { number, value } of readFields(message)) {
    if (number === 1) return asText(value);
    if (number === 2) return asInteger(value) === 1n;
    if (number === 3) return asSigned(value);
    if (number === 4) return asDouble(value);
    if (number === 5) return Array.from(readFields(asBytes(value)), (item) => decodeValue(asBytes(item.value)));
    if (number === 6) return attributesAt(1, asBytes(value));
    if (number === 7) return asBytes(value);
  }
  return null;
}
