import { randomUUID } from 'node:crypto';
import { schemaName } from '@signalpress/contracts';
import type { TraceContext } from '@signalpress/observability';
import { sql } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';

/** Type, and topic without prefix, of the records that tell about dead letters. */
export const DEAD_LETTERS = 'dead-letters';

/** A dead letter for those who subscribe to their topic; the row of the service remains the truth. */
export interface DeadLetterRecord {
  readonly service: string;
  readonly kind: 'event' | 'job';
  readonly name: string;
  readonly sourceId: string;
  readonly key: string | null;
  readonly error: { readonly code: string; readonly message: string };
  readonly attempts: number;
  /** The event's envelope or the job's payload. */
  readonly content: unknown;
}

/** Lets the record leave through the outbox, with the relay's next look, in the transaction that buries. */
export async function publishDeadLetter(
  tx: Transaction<unknown>,
  record: DeadLetterRecord,
  trace: TraceContext | undefined,
): Promise<void> {
  const id = randomUUID();
  const subject = record.key ?? record.sourceId;
  const envelope = {
    specversion: '1.0',
    id,
    type: DEAD_LETTERS,
    source: `/signalpress/${record.service}`,
    subject,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    dataschema: schemaName(DEAD_LETTERS, '1.0'),
    ...trace,
    data: record,
  };
  await sql`
    insert into outbox (event_id, type, key, envelope)
    values (${id}, ${DEAD_LETTERS}, ${subject}, ${JSON.stringify(envelope)}::json)`.execute(tx);
}
