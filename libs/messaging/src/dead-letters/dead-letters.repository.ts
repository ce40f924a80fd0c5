import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { redactText, traceIdOf, NotTraced } from '@signalpress/observability';
import type { TraceContext } from '@signalpress/observability';
import { Database, sql } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import { MessagingSettings } from '../messaging.options.js';
import { traceOf } from '../trace/continuation.js';
import { publishDeadLetter } from './dead-letter-record.js';
import type { DeadLetter, DeadLetterDetail } from './dead-letter.js';

const LONGEST_MESSAGE = 2_000;

interface Burial {
  readonly attempts: number;
  readonly error: Error;
  readonly trace: TraceContext | undefined;
}

export interface EventBurial extends Burial {
  readonly type: string;
  readonly envelope: unknown;
}

export interface JobBurial extends Burial {
  readonly id: string;
  readonly name: string;
  readonly key: string | undefined;
  readonly payload: unknown;
}

interface DeadLetterRow {
  readonly id: string;
  readonly kind: 'event' | 'job';
  readonly name: string;
  readonly source_id: string;
  readonly key: string | null;
  readonly content: unknown;
  readonly error_code: string;
  readonly error_message: string;
  readonly attempts: number;
  readonly trace: unknown;
  readonly failed_at: Date;
  readonly replayed_at: Date | null;
}

/** Where a page ends: the list is ordered by time and id, newest first. */
export interface PageEnd {
  readonly failedAt: string;
  readonly id: string;
}

/** What could not be handled, kept for a person to look at and replay. */
@Injectable()
@NotTraced()
export class DeadLetters {
  constructor(
    private readonly db: Database,
    private readonly settings: MessagingSettings,
  ) {}

  async buryEvent(tx: Transaction<unknown>, burial: EventBurial): Promise<void> {
    const { id, subject } = namesOf(burial.envelope);
    await this.bury(tx, {
      ...burial,
      kind: 'event',
      name: burial.type,
      sourceId: id,
      key: subject,
      content: burial.envelope,
    });
  }

  async buryJob(tx: Transaction<unknown>, burial: JobBurial): Promise<void> {
    await this.bury(tx, {
      ...burial,
      kind: 'job',
      sourceId: burial.id,
      key: burial.key ?? null,
      content: burial.payload,
    });
  }

  /** Not yet replayed ones, newest first. */
  async page(limit: number, after?: PageEnd): Promise<DeadLetter[]> {
    const from =
      after === undefined ? sql`` : sql`and (failed_at, id) < (${after.failedAt}::timestamptz, ${after.id}::uuid)`;
    const { rows } = await sql<DeadLetterRow>`
      select * from dead_letters where replayed_at is null ${from}
      order by failed_at desc, id desc limit ${limit}`.execute(this.db.kysely);
    return rows.map((row) => summaryOf(row));
  }

  async find(id: string): Promise<DeadLetterDetail | undefined> {
    const { rows } = await sql<DeadLetterRow>`select * from dead_letters where id = ${id}`.execute(this.db.kysely);
    return rows[0] === undefined ? undefined : detailOf(rows[0]);
  }

  /** Nobody else can replay it until the transaction ends. */
  async lock(tx: Transaction<unknown>, id: string): Promise<DeadLetterDetail | undefined> {
    const { rows } = await sql<DeadLetterRow>`select * from dead_letters where id = ${id} for update`.execute(tx);
    return rows[0] === undefined ? undefined : detailOf(rows[0]);
  }

  async markReplayed(tx: Transaction<unknown>, id: string): Promise<void> {
    await sql`update dead_letters set replayed_at = clock_timestamp() where id = ${id}`.execute(tx);
  }

  /** It failed once more. */
  async markFailed(id: string, error: Error): Promise<void> {
    await sql`
      update dead_letters
      set attempts = attempts + 1, error_code = ${codeOf(error)}, error_message = ${messageOf(error)}
      where id = ${id}`.execute(this.db.kysely);
  }

  /** Open ones by kind. */
  async count(): Promise<{ kind: string; count: number }[]> {
    const { rows } = await sql<{ kind: string; count: string }>`
      select kind, count(*) as count from dead_letters where replayed_at is null group by kind`.execute(this.db.kysely);
    return rows.map((row) => ({ kind: row.kind, count: Number(row.count) }));
  }

  async prune(olderThanDays: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from dead_letters where failed_at < clock_timestamp() - make_interval(days => ${olderThanDays})`.execute(
      this.db.kysely,
    );
    return Number(numAffectedRows ?? 0n);
  }

  private async bury(
    tx: Transaction<unknown>,
    letter: Burial & { kind: 'event' | 'job'; name: string; sourceId: string; key: string | null; content: unknown },
  ): Promise<void> {
    const { kind, name, sourceId, key, content, attempts, error, trace } = letter;
    await sql`
      insert into dead_letters (kind, name, source_id, key, content, error_code, error_message, attempts, trace)
      values (${kind}, ${name}, ${sourceId}, ${key}, ${JSON.stringify(content)}::json, ${codeOf(error)}, ${messageOf(error)},
        ${attempts}, ${trace === undefined ? null : JSON.stringify(trace)}::json)
      on conflict (kind, source_id) do update set error_code = excluded.error_code, error_message = excluded.error_message,
        attempts = excluded.attempts, failed_at = excluded.failed_at, replayed_at = null`.execute(tx);
    // Where there is a broker, others may subscribe to what was given up.
    if (this.settings.transport.kind !== 'kafka') return;
    const { service } = this.settings;
    const said = { code: codeOf(error), message: messageOf(error) };
    await publishDeadLetter(tx, { service, kind, name, sourceId, key, error: said, attempts, content }, trace);
  }
}

/** Text as PostgreSQL takes it. */
const storable = (text: string): string => text.replaceAll('\u0000', '');
const messageOf = (error: Error): string => storable(redactText(error.message)).slice(0, LONGEST_MESSAGE);

function codeOf(error: Error): string {
  return storable('code' in error && typeof error.code === 'string' ? error.code : error.name).slice(0, 100);
}

/** An envelope that is not valid may lack both. */
function namesOf(envelope: unknown): { id: string; subject: string | null } {
  const { id, subject } = (typeof envelope === 'object' && envelope !== null ? envelope : {}) as Record<
    string,
    unknown
  >;
  return {
    id: typeof id === 'string' ? storable(id) : randomUUID(),
    subject: typeof subject === 'string' ? storable(subject) : null,
  };
}

function summaryOf(row: DeadLetterRow): DeadLetter {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    sourceId: row.source_id,
    key: row.key,
    error: { code: row.error_code, message: row.error_message },
    attempts: row.attempts,
    failedAt: row.failed_at.toISOString(),
    replayedAt: row.replayed_at?.toISOString() ?? null,
    traceId: traceIdOf(traceOf(row.trace)) ?? null,
  };
}

function detailOf(row: DeadLetterRow): DeadLetterDetail {
  return { ...summaryOf(row), content: row.content, trace: traceOf(row.trace) ?? null };
}
