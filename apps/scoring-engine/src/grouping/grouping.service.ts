import { Injectable } from '@nestjs/common';
import type { EventData } from '@signalpress/contracts';
import { Jobs } from '@signalpress/messaging';
import { currentTraceContext, Metrics, semconv, setSpanAttributes, traceIdOf } from '@signalpress/observability';
import type { TraceContext } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { scoreIdeaJob } from '../scoring/scoring.job.js';
import type { ScoringTables } from '../scoring/scoring.tables.js';
import { embed } from '../text/embedding.js';
import { stems } from '../text/words.js';
import { signalsGrouped } from './grouping.metrics.js';
import { GroupingOptions } from './grouping.options.js';
import { GroupingRepository } from './grouping.repository.js';
import type { GatheringIdea } from './grouping.repository.js';
import { ideaIdOf } from './idea-id.js';
import { mostAlike } from './same-idea.js';
import type { Statement } from './same-idea.js';

type Tx = Transaction<ScoringTables>;
type Signal = EventData<'signals.ingested'>;

const dayMs = 86_400_000;
/** For how long a decided idea keeps others from repeating it. */
const shadowMs = 14 * dayMs;
/** An idea nobody decided on is not what today's news is about any more. */
const joinableMs = 30 * dayMs;
/** A longer wait ends a trace: what comes after it belongs to the trace of what caused it. */
const traceWaitMs = 60_000;

/** When a signal came to be grouped, and in which trace. */
interface Arrival {
  readonly now: Date;
  readonly trace: TraceContext | undefined;
}

/** Brings each signal to the open idea that says the same, or opens one. */
@Injectable()
export class GroupingService {
  constructor(
    private readonly repository: GroupingRepository,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
    private readonly options: GroupingOptions,
    private readonly metrics: Metrics,
  ) {}

  /** Groups the signal and makes sure that its idea is scored once no further signal joins. */
  async group(tx: Tx, signal: Signal): Promise<void> {
    const statement: Statement = { stems: stems(signal.title), embedding: embed(signal) };
    await this.repository.serialise(tx);
    if (await this.repository.knows(tx, signal.signalId)) return;
    const now = this.clock.now();
    const trace = currentTraceContext();
    const since = new Date(now.getTime() - joinableMs);
    const open = mostAlike(statement, await this.repository.openCandidates(tx, statement.stems, since));
    const ideaId = open?.ideaId ?? (await this.open(tx, signal, statement, { now, trace }));
    if (open !== undefined) this.metrics.counter(signalsGrouped).inc({ result: 'joined' });
    await this.repository.addSignal(tx, ideaId, signal, statement);
    setSpanAttributes({ [semconv.attributeNames.ideaId]: ideaId });
    await this.scheduleScore(tx, await this.repository.gather(tx, ideaId), { now, trace });
  }

  private async open(tx: Tx, signal: Signal, statement: Statement, { now, trace }: Arrival): Promise<string> {
    const since = new Date(now.getTime() - shadowMs);
    const decided = mostAlike(statement, await this.repository.decidedCandidates(tx, statement.stems, since));
    const id = ideaIdOf(signal.signalId);
    const duplicateOf = decided?.ideaId ?? null;
    await this.repository.openIdea(tx, { id, openedAt: now, duplicateOf, trace }, signal, statement);
    this.metrics.counter(signalsGrouped).inc({ result: duplicateOf === null ? 'opened' : 'repeated' });
    return id;
  }

  private async scheduleScore(tx: Tx, idea: GatheringIdea, arrival: Arrival): Promise<void> {
    const remainingMs = Math.max(0, this.options.maxGatherMs - (idea.gatheringForMs ?? 0));
    await this.jobs.enqueue(tx, {
      name: scoreIdeaJob,
      payload: { ideaId: idea.id },
      key: idea.id,
      delayMs: Math.round(Math.min(this.options.quietMs, remainingMs)),
      ifExists: 'reschedule',
      ...tracesFor(idea, arrival),
    });
  }
}

/**
 * The score continues the founding signal's trace and links to the joining ones'; after a long wait the other way round.
 * A job that already waits has its trace; this signal's is added to its links.
 */
function tracesFor(idea: GatheringIdea, { now, trace }: Arrival): { trace?: TraceContext; links?: TraceContext[] } {
  const founding = idea.trace ?? trace;
  if (trace === undefined || founding === undefined) return founding === undefined ? {} : { trace: founding };
  const alreadyWaits = idea.gatheringForMs !== undefined;
  if (alreadyWaits || traceIdOf(founding) === traceIdOf(trace)) return { trace };
  const continues = now.getTime() - idea.openedAt.getTime() <= traceWaitMs;
  return continues ? { trace: founding, links: [trace] } : { trace, links: [founding] };
}
