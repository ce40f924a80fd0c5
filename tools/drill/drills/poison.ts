import { randomBytes, randomUUID } from 'node:crypto';
import type { Drill, Form } from '../drill.ts';
import type { Facts } from '../facts.ts';
import { quickLeases } from '../leases.ts';
import type { Stage } from '../stage.ts';
import { subscribers } from '../subscriptions.ts';
import type { EventService } from '../subscriptions.ts';

interface Letter {
  readonly id: string;
  readonly sourceId: string;
  readonly error: { readonly code: string };
  readonly attempts: number;
  readonly traceId: string | null;
}

/** Events that nobody can read, put into an outbox as they are. */
const unreadable = [
  { type: 'signals.ingested', schema: 'signalpress:signals.ingested:9.0', code: 'unknown-schema-version' },
  { type: 'ideas.decided', schema: 'signalpress:ideas.decided:1.0', code: 'invalid-event-data' },
] as const;

/** Hash of an idea by which its row is refused, until that is mended. */
const hash = `('x' || left(md5(idea_id::text), 8))::bit(32)::bigint`;
const secret = 'simulated-drill';

/**
 * Events that cannot be handled: some that nobody can read, and some that fail because of what stands beside them, a
 * constraint on a table that is in the way until it is dropped. The others flow on; after the fix a replay brings the
 * outcome, once.
 */
export function poisonDrill({ short }: Form): Drill {
  const runMs = short ? 15_000 : 600_000;
  // The long form has enough ideas for one in a hundred.
  const oneIn = short ? 6 : 100;
  const perUnreadable = short ? 3 : 20;
  const wrong: string[] = [];
  const sent: { id: string; traceId: string; code: string }[] = [];
  let refused = 0;
  let replayed = 0;
  let pendingBefore = 0;
  return {
    settings: { environment: quickLeases, ...(short ? { loadEveryMs: 350 } : {}) },
    async prepare(stage) {
      await stage.ledger.query(
        `alter table orchestrator.ideas add constraint drill_in_the_way check (${hash} % ${oneIn} <> 0) not valid`,
      );
    },
    async run(stage) {
      for (let round = 0; round < perUnreadable; round++) {
        await stage.pause(runMs / perUnreadable);
        for (const one of unreadable) sent.push(await sendUnreadable(stage, one));
      }
    },
    async rested(stage) {
      const pending = (await stage.outcomes()).filter(({ outcome }) => outcome === 'pending');
      pendingBefore = pending.length;
      for (const { eventId } of await refusedEvents(stage, oneIn)) {
        stage.poison.push({ group: 'orchestrator', eventId });
        refused += 1;
      }
      wrong.push(...(await lettersThatDiffer(stage, sent)));
      await stage.ledger.query('alter table orchestrator.ideas drop constraint drill_in_the_way');
      replayed = await replayAll(stage, 'orchestrator', wrong);
      wrong.push(...(await replayInVain(stage, 'scoring-engine')));
      const unrest = await stage.settle();
      wrong.push(...unrest.map((what) => `after the replay never came to rest: ${what}`));
    },
    figures: () => [
      `${sent.length} events that nobody can read`,
      `${refused} that failed until the fix (1 in ${oneIn} ideas), ${pendingBefore} signals pending on them`,
      `${replayed} replayed`,
    ],
    verdict: (facts: Facts) => [
      ...wrong,
      ...(refused === 0 ? ['no event was refused: nothing was shown'] : []),
      ...(pendingBefore === 0 ? ['no outcome was pending before the replay: nothing was shown'] : []),
      ...(replayed === refused ? [] : [`${replayed} replayed of ${refused}`]),
      ...(facts.emitted.length < 100 ? ['too few events to speak of'] : []),
    ],
  };
}

async function sendUnreadable(
  stage: Stage,
  { type, schema, code }: (typeof unreadable)[number],
): Promise<{ id: string; traceId: string; code: string }> {
  const id = randomUUID();
  const traceId = randomBytes(16).toString('hex');
  const spanId = randomBytes(8).toString('hex');
  stage.ownSpans.add(spanId);
  // On the key of something real, whose other events must not be held up.
  const [real] = await stage.ledger.query<{ key: string }>(
    `select data->>'ideaId' as key from drill.emitted where data->>'ideaId' is not null order by at desc limit 1`,
  );
  const subject = real?.key ?? id;
  const envelope = {
    specversion: '1.0',
    id,
    type,
    source: `/signalpress/${secret}`,
    subject,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    dataschema: schema,
    traceparent: `00-${traceId}-${spanId}-01`,
    data: { simulated: 'sent by the poison drill' },
  };
  await stage.ledger.query(
    `insert into signal_ingestion.outbox (event_id, type, key, envelope) values ($1, $2, $3, $4::json)`,
    [id, type, subject, JSON.stringify(envelope)],
  );
  for (const group of subscribers[type]) stage.poison.push({ group, eventId: id });
  return { id, traceId, code };
}

/** What the orchestrator cannot have taken, told by the events themselves and not by its dead letters. */
function refusedEvents(stage: Stage, oneIn: number): Promise<Array<{ eventId: string }>> {
  return stage.ledger.query(
    `select event_id as "eventId" from (
       select event_id, (data->>'ideaId')::uuid as idea_id from drill.emitted where type = 'ideas.scored'
     ) scored where ${hash} % ${oneIn} = 0`,
  );
}

async function lettersThatDiffer(
  stage: Stage,
  sent: ReadonlyArray<{ readonly id: string; readonly traceId: string; readonly code: string }>,
): Promise<string[]> {
  const services: EventService[] = ['scoring-engine', 'monitoring'];
  const wrong: string[] = [];
  for (const service of services) {
    const letters = new Map((await letterList(stage, service)).map((letter) => [letter.sourceId, letter]));
    for (const { id, traceId, code } of sent) {
      const letter = letters.get(id);
      if (letter?.error.code !== code)
        wrong.push(`${service} buried ${id} for ${letter?.error.code ?? 'nothing'}, not ${code}`);
      if (letter?.traceId !== traceId) wrong.push(`${service} lost the trace of ${id}`);
    }
  }
  return wrong;
}

async function letterList(stage: Stage, service: EventService): Promise<Letter[]> {
  const all: Letter[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query = cursor === '' ? '' : `&cursor=${cursor}`;
    const response: Response = await fetch(`${stage.url(service)}/dead-letters?limit=200${query}`, {
      signal: AbortSignal.timeout(10_000),
    });
    const page = (await response.json()) as { readonly items: Letter[]; readonly nextCursor: string | null };
    all.push(...page.items);
    cursor = page.nextCursor;
  }
  return all;
}

/** Replays everything that the service has buried, the oldest first, and each a second time, which must be refused. */
async function replayAll(stage: Stage, service: EventService, wrong: string[]): Promise<number> {
  let handled = 0;
  for (const { id, attempts } of (await letterList(stage, service)).reverse()) {
    if (attempts < 2) wrong.push(`${service} buried ${id} after ${attempts} attempt`);
    const first = await replay(stage, service, id);
    if (first.outcome === 'handled') handled += 1;
    else wrong.push(`the replay of ${id} was answered ${first.status} ${first.outcome}`);
    const second = await replay(stage, service, id);
    if (second.status !== 409) wrong.push(`a second replay of ${id} was answered ${second.status}`);
  }
  return handled;
}

/** What cannot be read is not readable for being replayed. */
async function replayInVain(stage: Stage, service: EventService): Promise<string[]> {
  const [letter] = await letterList(stage, service);
  if (letter === undefined) return [`${service} has no dead letter`];
  const { status } = await replay(stage, service, letter.id);
  return status === 409 ? [] : [`the replay of what cannot be read was answered ${status}`];
}

async function replay(stage: Stage, service: EventService, id: string): Promise<{ status: number; outcome: string }> {
  const response = await fetch(`${stage.url(service)}/dead-letters/${id}/replay`, {
    method: 'POST',
    signal: AbortSignal.timeout(30_000),
  });
  const body = (await response.json()) as { readonly outcome?: string };
  return { status: response.status, outcome: body.outcome ?? '' };
}
