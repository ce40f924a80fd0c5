import { eventServices, schemas } from './subscriptions.ts';

/**
 * What an emitted event is remembered with besides, for its order: a number, the transaction that wrote it, and what that
 * could see. An event was written before another exactly if the other's writer could see its transaction, or was in the same.
 */
export const writtenColumns = `n bigint generated always as identity,
  written xid8 default pg_current_xact_id(), seen pg_snapshot default pg_current_snapshot()`;

/** Numbers what each group handles as it does so. What is rolled back has no row; what is handled anew has another. */
export const handledBook = `
  create table drill.handled (n bigint generated always as identity, service text, event_id uuid);
  create function drill.note_handled() returns trigger language plpgsql as $$ begin
    insert into drill.handled (service, event_id) values (tg_argv[0], new.event_id);
    return null;
  end $$;`;

export interface OutOfOrder {
  readonly group: string;
  readonly type: string;
  readonly key: string;
  readonly earlier: string;
  readonly later: string;
}

/**
 * Pairs of events that one service wrote with one key and of one type, one after the other, and that a group handled the other
 * way round. Both transports promise this order. An event that was buried and replayed has given up its place.
 */
export const outOfOrder = `
  with handled as (
    select service as "group", event_id, max(n) as at from drill.handled group by 1, 2
  ), buried as (
    ${eventServices.map((service) => `select '${service}' as "group", source_id from ${schemas[service]}.dead_letters`).join(' union all ')}
  ), told as (
    select h."group", h.at as place, e.* from drill.emitted e join handled h using (event_id)
    where not exists (select from buried b where b."group" = h."group" and b.source_id = e.event_id::text)
  )
  select a."group", a.type, a.key, a.event_id as earlier, b.event_id as later
  from told a join told b on a."group" = b."group" and a.service = b.service and a.type = b.type and a.key = b.key
  where a.place > b.place and (a.written = b.written and a.n < b.n or a.written <> b.written and pg_visible_in_snapshot(a.written, b.seen))`;

/** In words, for the invariant. */
export const describeOrder = ({ group, type, key, earlier, later }: OutOfOrder): string =>
  `${group} handled ${type} ${later} before ${earlier} of ${key}`;
