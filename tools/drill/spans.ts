import type { DecodedSpan, OtlpSink } from '@signalpress/testing';
import type { EmittedEvent, Work } from './facts.ts';
import type { Instance } from './fleet.ts';

/** What of a span it takes to find its parent's owner. */
export interface SpanRecord {
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: DecodedSpan['kind'];
  readonly service: string;
  /** `service.instance.id` of the process that sent it. */
  readonly instance: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly messageId: string | undefined;
  readonly jobId: string | undefined;
}

/** A received span whose parent was never received. */
export interface Orphan {
  readonly description: string;
  /** Whether the parent was a killed process' to send. */
  readonly excused: boolean;
  /** The killed processes that may have had it. */
  readonly instances: readonly string[];
}

export interface Evidence {
  readonly instances: readonly Instance[];
  /** By event id. */
  readonly emitted: ReadonlyMap<string, EmittedEvent>;
  /** Spans that the drill named as the parents of events that it wrote itself; nobody sends them. */
  readonly own: ReadonlySet<string>;
  /** When a job was first enqueued by a span, by the span's id: milliseconds since 1970. */
  readonly jobs: ReadonlyMap<string, number>;
}

/** Services that call others over HTTP; the publisher also calls the storefront, which is itself. */
const callers: readonly string[] = ['api-gateway', 'marketplace-publisher', 'monitoring'];
/** Two processes on one machine tell the time alike, but a span's clock and the database's are read at different moments. */
const slackMs = 1_000;

/** Collects what the sink receives, in short form: a long drill sends more spans than fit in memory in full. */
export class SpanLedger {
  private readonly records: SpanRecord[] = [];
  private readonly sink: OtlpSink;
  private readonly timer: NodeJS.Timeout;

  constructor(sink: OtlpSink) {
    this.sink = sink;
    this.timer = setInterval(() => this.collect(), 1_000);
  }

  /** Stops collecting. */
  close(): readonly SpanRecord[] {
    clearInterval(this.timer);
    this.collect();
    return this.records;
  }

  private collect(): void {
    for (const span of this.sink.spans()) this.records.push(recordOf(span));
    this.sink.reset();
  }
}

function recordOf(span: DecodedSpan): SpanRecord {
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    kind: span.kind,
    service: span.resource.serviceName ?? '',
    instance: text(span.resource.attributes['service.instance.id']) ?? '',
    startedAt: Number(span.startTimeNs / 1_000_000n),
    messageId: text(span.attributes['messaging.message.id']),
    jobId: text(span.attributes['signalpress.job.id']),
  };
}

/**
 * The spans that are missing, told by the children that arrived. The owner of a missing parent is a process that follows from
 * the child: the same process for an inner span; for an event, the process of its source that was alive when the outbox
 * took it; for a job, the process of the same service that was alive when that span first enqueued one; for a request, a process of a
 * service that calls others which was alive when the request began. If none of those was killed, the span is lost.
 */
export function orphansOf(records: readonly SpanRecord[], evidence: Evidence): Orphan[] {
  const received = new Set([...records.map(({ spanId }) => spanId), ...evidence.own]);
  return records
    .filter(({ parentSpanId }) => parentSpanId !== undefined && !received.has(parentSpanId))
    .map((record) => {
      const killed = ownersOf(record, evidence).filter(({ ending }) => ending === 'killed');
      return {
        description: `parent of "${record.name}" of ${record.instance}`,
        excused: killed.length > 0,
        instances: killed.map(({ id }) => id),
      };
    });
}

function ownersOf(record: SpanRecord, { instances, emitted, jobs }: Evidence): Instance[] {
  const aliveAt = (at: number, services: readonly string[]): Instance[] =>
    instances.filter(
      ({ service, startedAt, endedAt = Infinity }) =>
        services.includes(service) && startedAt <= at + slackMs && at - slackMs <= endedAt,
    );
  if (record.kind === 'server') return aliveAt(record.startedAt, callers);
  if (record.kind === 'consumer' && record.jobId !== undefined) {
    const enqueuedAt = jobs.get(record.parentSpanId ?? '');
    return enqueuedAt === undefined ? [] : aliveAt(enqueuedAt, [record.service]);
  }
  if (record.kind === 'consumer' && record.messageId !== undefined) {
    const event = emitted.get(record.messageId);
    return event === undefined ? [] : aliveAt(event.at, [event.service]);
  }
  return instances.filter(({ id }) => id === record.instance);
}

/** Ids of the processes whose spans are missing. */
export function instancesMissing(orphans: readonly Orphan[]): Set<string> {
  return new Set(orphans.flatMap(({ instances }) => instances));
}

/** What each process did. */
export function workOf(records: readonly SpanRecord[]): Work[] {
  const work = new Map<string, { instance: string; service: string; spans: number; handled: number }>();
  for (const { instance, service, kind } of records) {
    const one = work.get(instance) ?? { instance, service, spans: 0, handled: 0 };
    one.spans += 1;
    if (kind === 'consumer' || kind === 'server') one.handled += 1;
    work.set(instance, one);
  }
  return [...work.values()];
}
