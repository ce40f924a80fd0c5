import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { NotTraced, currentTraceContext, normalizeError, withSpan } from '@signalpress/observability';
import { Database } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import { readEvent } from '../consumer/event-reader.js';
import { Handlers } from '../consumer/handlers.js';
import { Inbox } from '../consumer/inbox.js';
import { JobsRepository } from '../jobs/jobs.repository.js';
import { Workers } from '../jobs/workers.js';
import { PoisonError, classify } from '../messaging.errors.js';
import { linksTo } from '../trace/continuation.js';
import type { DeadLetterDetail, DeadLetterPage, Replay, ReplayOutcome } from './dead-letter.js';
import { DeadLetters } from './dead-letters.repository.js';
import { cursorOf, pageEndOf } from './page-cursor.js';

/** Lists, shows and replays what could not be handled. */
@Injectable()
@NotTraced()
export class DeadLettersService {
  constructor(
    private readonly db: Database,
    private readonly deadLetters: DeadLetters,
    private readonly inbox: Inbox,
    private readonly handlers: Handlers,
    private readonly jobs: JobsRepository,
    private readonly workers: Workers,
  ) {}

  /** Open ones, newest first. */
  async page(limit: number, cursor?: string): Promise<DeadLetterPage> {
    const items = await this.deadLetters.page(limit + 1, cursor === undefined ? undefined : pageEndOf(cursor));
    const shown = items.slice(0, limit);
    const last = shown.at(-1);
    return { items: shown, nextCursor: last !== undefined && items.length > limit ? cursorOf(last) : null };
  }

  /** @throws NotFoundException */
  async show(id: string): Promise<DeadLetterDetail> {
    const letter = await this.deadLetters.find(id);
    if (letter === undefined) throw notFound(id);
    return letter;
  }

  /**
   * Handles the event (or enqueues the job) once more, in a new trace that is linked to the old one. The effect, the inbox
   * and the mark on the dead letter are one transaction, so it happens once however often this is called.
   * @throws NotFoundException, or ConflictException if it was replayed already or fails again
   */
  async replay(id: string): Promise<Replay> {
    const { name, trace } = await this.show(id);
    const request = currentTraceContext();
    const links = linksTo([trace, request].filter((context) => context !== null && context !== undefined));
    const run = (): Promise<ReplayOutcome> => this.db.transaction((tx) => this.replayIn(tx, id));
    try {
      const outcome = await withSpan(`replay ${name}`, {}, run, { kind: SpanKind.CONSUMER, root: true, links });
      return { id, outcome };
    } catch (error) {
      const fault = classify(error);
      if (error instanceof ConflictException || fault === 'unavailable' || fault === 'conflict') throw error;
      const cause = normalizeError(error);
      await this.deadLetters.markFailed(id, cause);
      throw new ConflictException(`It fails again: ${cause.message}`, { cause, errorCode: 'replay-failed' });
    }
  }

  private async replayIn(tx: Transaction<unknown>, id: string): Promise<ReplayOutcome> {
    const letter = await this.deadLetters.lock(tx, id);
    if (letter === undefined || letter.replayedAt !== null) {
      throw new ConflictException('It was replayed before', { errorCode: 'already-replayed' });
    }
    const outcome = letter.kind === 'event' ? await this.handle(tx, letter) : await this.enqueue(tx, letter);
    await this.deadLetters.markReplayed(tx, id);
    return outcome;
  }

  private async handle(tx: Transaction<unknown>, letter: DeadLetterDetail): Promise<ReplayOutcome> {
    const checked = readEvent(letter.content);
    if (!this.handlers.byType.has(checked.type)) throw new PoisonError(`Nothing handles ${checked.type} here any more`);
    return (await this.inbox.handle(tx, checked)) === 'duplicate' ? 'already-handled' : 'handled';
  }

  private async enqueue(tx: Transaction<unknown>, letter: DeadLetterDetail): Promise<ReplayOutcome> {
    const { name, content: payload, trace } = letter;
    const key = letter.key ?? undefined;
    this.workers.check(name, payload);
    if (key !== undefined && (await this.jobs.isUnfinished(tx, name, key))) {
      throw new ConflictException(`Another ${name} job for ${key} is unfinished`, { errorCode: 'job-unfinished' });
    }
    await this.jobs.enqueue(tx, {
      name,
      key,
      payload,
      delayMs: 0,
      ifExists: 'keep',
      trace: currentTraceContext(),
      links: trace === null ? [] : [trace],
    });
    return 'enqueued';
  }
}

function notFound(id: string): NotFoundException {
  return new NotFoundException(`There is no dead letter ${id}`, { errorCode: 'dead-letter-not-found' });
}
