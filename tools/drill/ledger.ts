import pg from 'pg';
import type { Ingestion } from '@signalpress/contracts';
import type { DeadLetterRow, Delivered, EmittedEvent, Facts } from './facts.ts';
import { describeOrder, handledBook, outOfOrder, writtenColumns } from './order.ts';
import type { OutOfOrder } from './order.ts';
import { deadLettersTopic, eventServices, schemas, subscribers } from './subscriptions.ts';
import type { EventService } from './subscriptions.ts';

export type Stored = Pick<
  Facts,
  | 'stored'
  | 'grouped'
  | 'ideas'
  | 'publisher'
  | 'shelf'
  | 'emitted'
  | 'handled'
  | 'deadLetters'
  | 'tellsDeadLetters'
  | 'outboxes'
  | 'jobs'
  | 'actedTwice'
  | 'outOfOrder'
  | 'subscriptions'
>;

/** A job as it was taken by a worker. */
/** A run of a recurring job that came to its end. */
export interface Run {
  readonly service: string;
  readonly name: string;
  /** When it ended, in milliseconds since 1970. */
  readonly at: number;
}

/** A job that is due within this is not finished. */
const dueSoonSeconds = 60;

/**
 * What says twice the same although it is two events. An idea is scored and decided once per revision; commands and their
 * answers are named by meaning.
 */
const meanings: Readonly<Record<string, string>> = {
  'signals.ingested': `data->>'signalId'`,
  'ideas.scored': `concat_ws(' ', data->>'ideaId', data->>'revision')`,
  'mockups.requested': `data->>'commandId'`,
  'mockups.generated': `data->>'commandId'`,
  'mockups.failed': `data->>'commandId'`,
  'listings.requested': `data->>'commandId'`,
  'listings.published': `data->>'commandId'`,
  'listings.withdrawn': `data->>'commandId'`,
  // The same words as `toldOf` in the invariant.
  [deadLettersTopic]: `concat_ws(' ', data->>'service', data->>'kind', data->>'sourceId')`,
};

/**
 * The drill's own books in the database, in a schema that no service knows. Triggers on every outbox and job table write
 * down, in the services' own transactions, which events were really emitted and which recurring jobs ran, so that what came
 * out of the transport can be compared with what went in.
 */
export class Ledger {
  private readonly pool: pg.Pool;

  constructor(url: string) {
    this.pool = new pg.Pool({ connectionString: url, max: 2, application_name: 'drill' });
    // A database that is restarted on purpose breaks idle connections.
    this.pool.on('error', () => undefined);
  }

  /** After the services have made their tables, and before anything is sent. */
  async open(): Promise<void> {
    await this.pool.query(`
      create schema drill;
      create table drill.emitted (event_id uuid, service text, type text, key text, data json,
        at timestamptz default clock_timestamp(), ${writtenColumns});
      create table drill.runs (service text, name text, at timestamptz);
      create function drill.note_event() returns trigger language plpgsql as $$ begin
        insert into drill.emitted (event_id, service, type, key, data)
        values (new.event_id, tg_argv[0], new.type, new.key, new.envelope->'data');
        return null;
      end $$;
      create table drill.jobs (job uuid, trace json, at timestamptz default clock_timestamp());
      create function drill.note_job() returns trigger language plpgsql as $$ begin
        insert into drill.jobs (job, trace) values (new.id, new.trace);
        return null;
      end $$;
      create function drill.note_run() returns trigger language plpgsql as $$ begin
        insert into drill.runs (service, name, at) values (tg_argv[0], new.name, new.enqueued_at);
        return null;
      end $$;
      ${handledBook}`);
    for (const service of eventServices) {
      const schema = schemas[service];
      await this.pool.query(`
        create trigger drill_emitted after insert on ${schema}.outbox
          for each row execute function drill.note_event('${service}');
        create trigger drill_jobs after insert on ${schema}.jobs for each row execute function drill.note_job();
        create trigger drill_runs after update on ${schema}.jobs
          for each row when (old.state = 'running' and new.state = 'pending' and new.enqueued_at > old.enqueued_at)
          execute function drill.note_run('${service}');
        create trigger drill_handled after insert on ${schema}.inbox
          for each row execute function drill.note_handled('${service}');`);
    }
  }

  async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(text, [...values])).rows;
  }

  /** What is not yet at rest, in words; empty when everything is. */
  async unrest(): Promise<string[]> {
    const outboxes = (await this.outboxes()).filter(({ waiting }) => waiting > 0);
    const jobs = (await this.jobs()).filter(({ state }) => state !== 'failed');
    return [
      ...outboxes.map(({ service, waiting }) => `${waiting} events in the outbox of ${service}`),
      ...(await this.undelivered()).map(({ group, events }) => `${events} events for ${group}`),
      ...jobs.map((job) => `${job.count} ${job.name} jobs of ${job.service}`),
    ];
  }

  async facts(transport: string): Promise<Stored> {
    const [stored, grouped, ideas, publisher, shelf, acted] = [
      await this.query<{ id: string }>('select id from signal_ingestion.signals'),
      await this.query<{ signalId: string; ideaId: string }>(
        'select id as "signalId", idea_id as "ideaId" from scoring.signals',
      ),
      await this.query<{ ideaId: string; state: string; listingId: string | null }>(
        'select idea_id as "ideaId", state, listing_id as "listingId" from orchestrator.ideas',
      ),
      await this.query<Facts['publisher'][number]>(
        'select idea_id as "ideaId", marketplace, sku, state, listing_id as "listingId" from publisher.listings',
      ),
      await this.query<Facts['shelf'][number]>('select sku, id::text as "listingId" from storefront.listings'),
      await this.query<{ id: string }>(
        `select event_id::text as id from orchestrator.transitions where applied and event_id is not null
         group by event_id, idea_id having count(*) > 1`,
      ),
    ];
    return {
      stored: stored.map(({ id }) => id),
      grouped,
      ideas,
      publisher,
      shelf,
      emitted: await this.emitted(),
      handled: await this.handled(),
      deadLetters: await this.deadLetters(),
      tellsDeadLetters: transport === 'kafka',
      outboxes: await this.outboxes(),
      jobs: await this.jobs(),
      actedTwice: acted.map(({ id }) => id),
      outOfOrder: (await this.query<OutOfOrder>(outOfOrder)).map(describeOrder),
      subscriptions:
        transport === 'postgres'
          ? await this.query('select group_name as "group", type from events.subscriptions')
          : undefined,
    };
  }

  async emitted(): Promise<EmittedEvent[]> {
    const cases = Object.entries(meanings).map(([type, meaning]) => `when '${type}' then ${meaning}`);
    const rows = await this.query<Omit<EmittedEvent, 'at'> & { at: Date }>(
      `select event_id as id, service, type, case type ${cases.join(' ')} end as meaning, at from drill.emitted`,
    );
    return rows.map((row) => ({ ...row, at: row.at.getTime() }));
  }

  async handled(): Promise<Delivered[]> {
    return this.everywhere(
      (schema, service) => `select '${service}' as group, event_id as "eventId" from ${schema}.inbox`,
    );
  }

  async deadLetters(): Promise<DeadLetterRow[]> {
    return this.everywhere(
      (schema, service) => `select '${service}' as service, kind, name, source_id as "sourceId", error_code as code,
        error_message as message, replayed_at is not null as replayed from ${schema}.dead_letters`,
    );
  }

  /** In the order in which they ended. A run that was given back or failed and is tried again has not ended. */
  async runs(): Promise<Run[]> {
    const rows = await this.query<Omit<Run, 'at'> & { at: Date }>(
      'select service, name, at from drill.runs order by at',
    );
    return rows.map((row) => ({ ...row, at: row.at.getTime() }));
  }

  /**
   * When a job was first enqueued by each span, by the span's id. A service may keep a trace and let a later job continue it, which
   * another process of it enqueues; the span is of the process that first had it.
   */
  async enqueued(): Promise<Map<string, number>> {
    const rows = await this.query<{ span: string; at: Date }>(
      `select split_part(trace->>'traceparent', '-', 3) as span, min(at) as at from drill.jobs
       where trace is not null group by 1`,
    );
    return new Map(rows.map(({ span, at }) => [span, at.getTime()]));
  }

  /** The ingestions that brought the signals which are kept. */
  async ingestionIds(): Promise<Array<Ingestion['ingestionId']>> {
    const rows = await this.query<{ id: string }>('select distinct ingestion_id as id from signal_ingestion.signals');
    return rows.map(({ id }) => id);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  /** Events that a group has neither handled nor buried. */
  private undelivered(): Promise<Array<{ group: string; events: number }>> {
    const pairs = Object.entries(subscribers).flatMap(([type, groups]) =>
      groups.map((group) => `('${type}', '${group}')`),
    );
    const ends = eventServices.map(
      (service) => `select '${service}' as group_name, event_id::text from ${schemas[service]}.inbox
        union all select '${service}', source_id from ${schemas[service]}.dead_letters where kind = 'event'`,
    );
    return this.query(`
      with subscribers (type, group_name) as (values ${pairs.join(', ')}), ends as (${ends.join(' union all ')})
      select s.group_name as "group", count(*)::int as events from drill.emitted e join subscribers s using (type)
      where not exists (select from ends where ends.group_name = s.group_name and ends.event_id = e.event_id::text)
      group by s.group_name`);
  }

  private outboxes(): Promise<Array<{ service: string; waiting: number }>> {
    return this.everywhere(
      (schema, service) => `select '${service}' as service, count(*)::int as waiting from ${schema}.outbox`,
    );
  }

  private jobs(): Promise<Array<{ service: string; name: string; state: string; count: number }>> {
    return this.everywhere(
      (schema, service) => `select '${service}' as service, name, state, count(*)::int as count from ${schema}.jobs
        where key is distinct from 'recurring' and (state = 'failed'
          or state in ('pending', 'running') and run_at < clock_timestamp() + interval '${dueSoonSeconds} seconds')
        group by name, state`,
    );
  }

  private everywhere<Row extends pg.QueryResultRow>(
    select: (schema: string, service: EventService) => string,
  ): Promise<Row[]> {
    return this.query<Row>(eventServices.map((service) => select(schemas[service], service)).join(' union all '));
  }
}
