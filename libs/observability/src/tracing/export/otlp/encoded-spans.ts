import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { MessageBytes } from './message-bytes.js';
import { RESOURCE_SPANS, SCOPE_SPANS, writeResource, writeSchemaUrl, writeScope, writeSpan } from './span-encoder.js';
import type { Resource, Scope } from './span-encoder.js';

/** The bytes of a length: what a batch comes to is between 16 KiB and 2 MiB. */
const LENGTH_BYTES = 3;
/** Room for what is not spans. */
const AROUND_SPANS = 4_096;

/** Spans of one tracer. */
interface Group {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly spans: MessageBytes;
}

/**
 * Spans as the bytes of a request of OTLP. Each becomes bytes when it is added, so that nothing keeps the span itself: a span is a
 * dozen objects, and those that wait for a full batch or an answer of the collector cost the garbage collector more than all else that
 * is done for them.
 */
export class EncodedSpans {
  private readonly groups: Group[] = [];
  private count = 0;

  /** @param capacity bytes that it likely will have */
  constructor(private readonly capacity: number) {}

  /** How many there are. */
  get size(): number {
    return this.count;
  }

  /** Their bytes, without what is around them. */
  get byteLength(): number {
    return this.groups.reduce((sum, { spans }) => sum + spans.length, 0);
  }

  /** The resource of the first one. */
  get resource(): Resource | undefined {
    return this.groups[0]?.resource;
  }

  /** Adds a span that has ended. False when it cannot be encoded (an attribute that throws when it is read): then it is left out. */
  add(span: ReadableSpan): boolean {
    const { spans } = this.groupOf(span);
    const before = spans.length;
    try {
      writeSpan(spans, span);
    } catch {
      spans.truncate(before);
      if (before === 0) this.groups.pop();
      return false;
    }
    this.count += 1;
    return true;
  }

  /** The whole request, made of the resource as it is now. */
  request(): Uint8Array {
    const request = new MessageBytes(this.byteLength + AROUND_SPANS);
    for (const resource of new Set(this.groups.map((group) => group.resource))) {
      const begun = request.begin(RESOURCE_SPANS, LENGTH_BYTES);
      writeResource(request, resource);
      for (const group of this.groups) if (group.resource === resource) writeGroup(request, group);
      writeSchemaUrl(request, resource.schemaUrl);
      request.end(begun, LENGTH_BYTES);
    }
    return request.view();
  }

  /** By identity: a process has one resource, and each tracer one scope. There are few, and nearly always one. */
  private groupOf({ resource, instrumentationScope: scope }: ReadableSpan): Group {
    for (const group of this.groups) if (group.scope === scope && group.resource === resource) return group;
    const group = { resource, scope, spans: new MessageBytes(this.capacity) };
    this.groups.push(group);
    return group;
  }
}

function writeGroup(request: MessageBytes, { scope, spans }: Group): void {
  const begun = request.begin(SCOPE_SPANS, LENGTH_BYTES);
  writeScope(request, scope);
  request.append(spans);
  writeSchemaUrl(request, scope.schemaUrl);
  request.end(begun, LENGTH_BYTES);
}
