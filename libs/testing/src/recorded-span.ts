/** Value of an attribute as it arrives; numbers are numbers whichever wire type they had. */
export type SpanAttribute =
  string | number | boolean | Uint8Array | null | SpanAttribute[] | { [key: string]: SpanAttribute };
export type SpanAttributes = Record<string, SpanAttribute>;
export type SpanKindName = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface DecodedLink {
  traceId: string;
  spanId: string;
  attributes: SpanAttributes;
}

export interface DecodedEvent {
  name: string;
  attributes: SpanAttributes;
}

/** A span as a collector sees it: what came over the wire, in plain values. */
export interface DecodedSpan {
  /** 32 hex characters. */
  traceId: string;
  /** 16 hex characters. */
  spanId: string;
  /** Absent for a root span. */
  parentSpanId?: string;
  name: string;
  kind: SpanKindName;
  attributes: SpanAttributes;
  links: DecodedLink[];
  events: DecodedEvent[];
  status: { code: 'unset' | 'ok' | 'error'; message?: string };
  /** Unix time in nanoseconds. */
  startTimeNs: bigint;
  /** Milliseconds between start and end. */
  durationMs: number;
  scope: { name: string; version?: string };
  resource: { serviceName: string | undefined; attributes: SpanAttributes };
}
