import { randomUUID } from 'node:crypto';
import { Injectable, Module } from '@nestjs/common';
import type { INestApplication, NestApplicationOptions, Provider, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Lifecycle, ObservabilityModule } from '@signalpress/observability';
import { Database, PersistenceModule, sql } from '@signalpress/persistence';
import type { Generated, Transaction } from '@signalpress/persistence';
import { collectLogs, waitFor } from '@signalpress/testing';
import { Jobs, MessagingModule, OnEvent, Outbox, messagingMigrations } from '../src/index.js';
import type { MessagingOptions, MessagingTuning, ReceivedEvent } from '../src/index.js';

export interface TestTables {
  effects: { seq: Generated<string>; event_id: string | null; idea_id: string; views: number; member: string };
}

export type ObservedEvent = ReceivedEvent<'listings.observed'>;

/** What a handler does around its effect; a test changes it while the service runs. */
export class Script {
  before: (event: ObservedEvent, tx: Transaction<TestTables>) => Promise<void> = () => Promise.resolve();
  after: (event: ObservedEvent, tx: Transaction<TestTables>) => Promise<void> = () => Promise.resolve();
}

/** Name of the running instance, to see who did what. */
export class MemberName {
  constructor(readonly value: string) {}
}

/** Writes one row for each event. */
@Injectable()
export class Observer {
  constructor(
    private readonly script: Script,
    private readonly member: MemberName,
  ) {}

  @OnEvent('listings.observed', { onPoison: 'dead-letter' })
  async observed(event: ObservedEvent, tx: Transaction<TestTables>): Promise<void> {
    await this.script.before(event, tx);
    const { ideaId, views } = event.data;
    await tx
      .insertInto('effects')
      .values({ event_id: event.id, idea_id: ideaId, views, member: this.member.value })
      .execute();
    await this.script.after(event, tx);
  }
}

/** Small intervals: nothing here waits for a fixed time. */
export const quick: MessagingTuning = {
  pollMs: 50,
  listen: true,
  batchSize: 50,
  relayBatchSize: 50,
  leaseMs: 1_500,
  jobLeaseMs: 60_000,
  heartbeatMs: 150,
  maxAttempts: 3,
  backoffBaseMs: 5,
  backoffMaxMs: 40,
  traceWaitMs: 60_000,
  drainMs: 4_000,
};

export interface TestServiceOptions extends Partial<Omit<MessagingOptions, 'tuning'>> {
  readonly databaseUrl: string;
  readonly tuning?: Partial<MessagingTuning>;
  readonly member?: string;
  readonly script?: Script;
  readonly providers?: readonly Provider[];
  readonly poolMax?: number;
  readonly shutdownDeadlineMs?: number;
  readonly sentryDsn?: string;
  /** Cuts what the transport has open, as `kill()` cuts the connections of the database. */
  readonly cut?: () => void;
}

export interface TestService {
  readonly app: INestApplication;
  readonly db: Database<TestTables>;
  readonly outbox: Outbox;
  readonly jobs: Jobs;
  readonly lifecycle: Lifecycle;
  readonly logs: ReturnType<typeof collectLogs>;
  get<T>(token: Type<T>): T;
  /** As SIGTERM does it. */
  stop(): Promise<void>;
  /** As kill -9 does it: the connections are cut, and nothing is given back. */
  kill(): Promise<void>;
}

/** A service of two parts: messaging as every service has it, and the providers of the test. */
export async function startService(options: TestServiceOptions): Promise<TestService> {
  const { databaseUrl, service = 'reader', tuning, member = service, script = new Script(), providers = [] } = options;
  const applicationName = `${member} ${randomUUID()}`.slice(0, 60);
  const logs = collectLogs();

  @Module({
    imports: [
      ObservabilityModule.forRoot({
        serviceName: service,
        logDestination: logs.stream,
        shutdownDeadlineMs: options.shutdownDeadlineMs ?? 10_000,
        ...(options.sentryDsn === undefined ? {} : { sentryDsn: options.sentryDsn }),
      }),
      PersistenceModule.forRoot({
        databaseUrl,
        schema: service,
        applicationName,
        poolMax: options.poolMax ?? 6,
        migrations: [...messagingMigrations(), { name: 'test', directory: new URL('./migrations/', import.meta.url) }],
      }),
      MessagingModule.forRoot({
        service,
        tuning: { ...quick, ...tuning },
        ...(options.now === undefined ? {} : { now: options.now }),
        ...(options.transport === undefined ? {} : { transport: options.transport }),
      }),
    ],
    providers: [
      { provide: Script, useValue: script },
      { provide: MemberName, useValue: new MemberName(member) },
      ...providers,
    ],
  })
  class TestModule {}

  const quiet: Pick<NestApplicationOptions, 'logger'> = { logger: false };
  const app = await NestFactory.create(TestModule, new FastifyAdapter(), quiet);
  try {
    await app.init();
  } catch (error) {
    await app.close();
    await app.get<Database>(Database).close();
    throw error;
  }
  const db: Database<TestTables> = app.get<Database<TestTables>>(Database);
  const lifecycle = app.get(Lifecycle);
  return {
    app,
    db,
    outbox: app.get(Outbox),
    jobs: app.get(Jobs),
    lifecycle,
    logs,
    get: (token) => app.get(token),
    stop: async () => {
      await lifecycle.shutdown('test');
      await app.close();
    },
    kill: async () => {
      options.cut?.();
      // Waits for the transactions of stuck handlers, which is why nobody waits for it.
      void db.close().catch(() => undefined);
      const admin = new Database({ databaseUrl, schema: 'public', applicationName: 'killer', poolMax: 1 });
      try {
        await sql`select pg_terminate_backend(pid) from pg_stat_activity
          where application_name in (${applicationName}, ${`${applicationName} listen`})`.execute(admin.kysely);
      } finally {
        await admin.close();
      }
    },
  };
}

export interface Observation {
  readonly ideaId: string;
  readonly views: number;
}

export const observation = ({ ideaId, views }: Observation) => ({
  ideaId,
  marketplace: 'storefront' as const,
  listingId: 'listing',
  views,
  favourites: 0,
  sales: 0,
  observedAt: '2026-05-04T10:30:00.000Z',
});

/** Publishes in one transaction, in order. */
export function publish(service: TestService, observations: readonly Observation[]): Promise<string[]> {
  return service.db.transaction(async (tx) => {
    const ids: string[] = [];
    for (const one of observations) ids.push(await service.outbox.publish(tx, 'listings.observed', observation(one)));
    return ids;
  });
}

export interface EffectRow {
  readonly event_id: string | null;
  readonly idea_id: string;
  readonly views: number;
  readonly member: string;
}

/** In the order in which they were written. */
export function effects(db: Database<TestTables>): Promise<EffectRow[]> {
  return db.kysely.selectFrom('effects').select(['event_id', 'idea_id', 'views', 'member']).orderBy('seq').execute();
}

export async function countRows(db: Database<TestTables>, table: string): Promise<number> {
  const { rows } = await sql<{ count: string }>`select count(*) as count from ${sql.table(table)}`.execute(db.kysely);
  return Number(rows[0]?.count);
}

export function waitForEffects(db: Database<TestTables>, count: number, timeoutMs = 45_000): Promise<EffectRow[]> {
  return waitFor(
    async () => {
      const rows = await effects(db);
      return rows.length >= count && rows;
    },
    { timeoutMs, message: `${count} effects` },
  );
}

export const ideas = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

/** A promise that is resolved from outside. */
export class Gate {
  readonly opened: Promise<void>;
  private resolve: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  open(): void {
    this.resolve();
  }
}

/** What the service answers about its readiness. */
export async function readiness(service: TestService): Promise<{ code: number; body: string }> {
  const http = service.app.getHttpAdapter().getInstance() as FastifyInstance;
  const { statusCode, body } = await http.inject('/health/ready');
  return { code: statusCode, body };
}
