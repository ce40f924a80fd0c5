import { Injectable } from '@nestjs/common';
import { eventCatalog } from '@signalpress/contracts';
import type { EventData, EventType } from '@signalpress/contracts';
import type { ReceivedEvent } from '@signalpress/messaging';
import { currentTraceId, Metrics, semconv, setSpanAttributes, traceIdOf } from '@signalpress/observability';
import type { CounterInstrument, HistogramInstrument } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { publishesTotal, publishLatency } from '../latency/latency.metrics.js';
import { SeriesRepository } from '../series/series.repository.js';
import { summarise } from './event.summary.js';
import { foldIdea } from './idea.fold.js';
import type { FoldedType } from './idea.fold.js';
import { ReadModelRepository } from './read-model.repository.js';
import type { IdeaRow, MonitoringTables } from './read-model.tables.js';
import type { TimelineType } from './timeline-types.js';

type Tx = Transaction<MonitoringTables>;

/** Writes what an event says into the read model, in the event's transaction. */
@Injectable()
export class ReadModelService {
  private readonly publishLatency: HistogramInstrument;
  private readonly publishes: CounterInstrument<'sla'>;

  constructor(
    private readonly repository: ReadModelRepository,
    private readonly series: SeriesRepository,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.publishLatency = metrics.histogram(publishLatency);
    this.publishes = metrics.counter(publishesTotal);
    // Shown from the start, so that the first publish outside is an increase.
    for (const sla of ['inside', 'outside'] as const) this.publishes.inc({ sla }, 0);
  }

  /** Keeps the event for timelines. */
  async record<T extends TimelineType>(type: T, event: ReceivedEvent<T>, tx: Tx): Promise<void> {
    const { at, detail, held = false } = summarise(type, event.data);
    const ofIdea = eventCatalog[type].key === 'ideaId';
    const { ideaId, signalId } = semconv.attributeNames;
    setSpanAttributes({ [ofIdea ? ideaId : signalId]: event.subject });
    await this.repository.addEvent(tx, {
      event_id: event.id,
      type,
      service: event.source.slice(event.source.lastIndexOf('/') + 1),
      // The subject is the value of the event's key.
      idea_id: ofIdea ? event.subject : null,
      signal_id: ofIdea ? null : event.subject,
      at: new Date(at),
      detail,
      held,
      // The trace that the event came with, not the one that it may resume in here after a wait.
      trace_id: traceOf(event) ?? currentTraceId() ?? null,
    });
  }

  async recordSignal(event: ReceivedEvent<'signals.ingested'>, tx: Tx): Promise<void> {
    await this.record('signals.ingested', event, tx);
    await this.series.lockSignal(tx, event.data.signalId);
    await this.repository.addSignal(tx, event.data);
    await this.series.nameSource(tx, event.data.signalId);
  }

  async recordScore(event: ReceivedEvent<'ideas.scored'>, tx: Tx): Promise<void> {
    // The signal may be on its way at this moment; whoever is second sees both.
    await this.series.lockSignal(tx, event.data.foundingSignalId);
    await this.recordAndFold('ideas.scored', event, tx);
    await this.series.addScore(tx, event.data);
    await this.series.nameSource(tx, event.data.foundingSignalId);
    await this.repository.addSignalsOfIdea(tx, event.data.ideaId, event.data.signalIds);
  }

  async recordListing(event: ReceivedEvent<'listings.published'>, tx: Tx): Promise<void> {
    const foundingSignalId = await this.repository.foundingSignal(tx, event.data.ideaId);
    if (foundingSignalId !== null) await this.series.lockSignal(tx, foundingSignalId);
    await this.recordAndFold('listings.published', event, tx);
    await this.repository.addListing(tx, event.data);
    if (foundingSignalId !== null) await this.series.nameSource(tx, foundingSignalId);
  }

  async recordDecision(event: ReceivedEvent<'ideas.decided'>, tx: Tx): Promise<void> {
    await this.recordAndFold('ideas.decided', event, tx);
    await this.series.addDecision(tx, event.data);
  }

  async recordPerformance(event: ReceivedEvent<'feedback.received'>, tx: Tx): Promise<void> {
    await this.record('feedback.received', event, tx);
    await this.series.addPerformance(tx, event.data);
  }

  async recordSync(event: ReceivedEvent<'listings.drifted'>, tx: Tx): Promise<void> {
    await this.record('listings.drifted', event, tx);
    await this.series.addSync(tx, event.data);
  }

  async recordWeights(event: ReceivedEvent<'weights.updated'>, tx: Tx): Promise<void> {
    await this.series.addWeights(tx, event.data);
  }

  /** Keeps the event and what it says about its idea. */
  async recordAndFold<T extends FoldedType>(type: T, event: ReceivedEvent<T>, tx: Tx): Promise<void> {
    await this.record(type, event, tx);
    const data: EventData<T> = event.data;
    const before = await this.repository.lockIdea(tx, event.subject, this.clock.now());
    const after = foldIdea(before, type, data);
    await this.repository.updateIdea(tx, { ...after, updated_at: this.clock.now() });
    await this.series.replaceIdea(tx, before, after);
    this.observe(before, after);
  }

  /** Once per idea: a later event with an earlier time corrects the row, but a histogram cannot take back. */
  private observe(before: IdeaRow, after: IdeaRow): void {
    if (before.publish_latency_ms !== null || after.publish_latency_ms === null) return;
    this.publishLatency.observe(after.publish_latency_ms / 1_000);
    this.publishes.inc({ sla: this.series.isWithinSla(after.publish_latency_ms / 1_000) ? 'inside' : 'outside' });
  }
}

function traceOf(event: ReceivedEvent<EventType>): string | undefined {
  return event.traceparent === undefined ? undefined : traceIdOf({ traceparent: event.traceparent });
}
