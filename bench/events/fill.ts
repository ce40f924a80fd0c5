import type pg from 'pg';
import { schemaName } from '@signalpress/contracts';
import { EVENT_TYPE, KEYS, SERVICE } from './work.ts';

/**
 * Writes events `first` to `first + count - 1` to the outbox, as the participants write them, in one transaction: no publisher's
 * wait for the disk is measured with them.
 *
 * @returns the transaction's id, by which the server knows when it was committed
 */
export async function fillOutbox(database: pg.Pool, first: number, count: number): Promise<string> {
  const { rows } = await database.query<{ xid: string }>(
    `with filled as (
       insert into outbox (event_id, type, key, envelope)
       select id, $1, key, json_build_object('specversion', '1.0', 'id', id, 'type', $1::text, 'source', $2::text, 'subject', key,
         'time', $3::text, 'datacontenttype', 'application/json', 'dataschema', $4::text, 'data', json_build_object(
           'ideaId', key, 'marketplace', 'storefront', 'listingId', 'listing-' || number, 'views', number,
           'favourites', 0, 'sales', 0, 'observedAt', $3::text))
       from (
         select number, gen_random_uuid() as id, '00000000-0000-4000-8000-' || lpad(to_hex(number % $5), 12, '0') as key
         from generate_series($6::int, $6 + $7::int - 1) as number order by number
       ) as one
     )
     select pg_current_xact_id()::text as xid`,
    [
      EVENT_TYPE,
      `/signalpress/${SERVICE}`,
      new Date().toISOString(),
      schemaName(EVENT_TYPE, '1.0'),
      KEYS,
      first,
      count,
    ],
  );
  return rows[0]?.xid ?? '';
}
