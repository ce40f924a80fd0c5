import type { Facts } from './facts.ts';
import { deadLettersTopic, subscribers } from './subscriptions.ts';

/** Most examples that are named for one kind of violation. */
const examples = 5;
/** Node's deadlock is rare: more of a kind in one run have a cause of their own. */
const mostStuckInExit = 1;

/**
 * The same at the end of every drill: each acknowledged signal has exactly one outcome, no idea has two listings on one
 * marketplace, no event is lost, no effect is doubled, nothing is dead-lettered but the poison that was sent, and the only
 * spans missing are those of processes that were killed.
 *
 * @returns one line for each kind of violation; none when all holds
 */
export function violations(facts: Facts): string[] {
  return [
    ...signalsWithoutOneOutcome(facts),
    ...listingsThatDoNotMatch(facts),
    ...eventsLost(facts),
    ...effectsDoubled(facts),
    ...say('pair of events handled in the wrong order', facts.outOfOrder),
    ...deadLettersThatAreNoPoison(facts),
    ...deadLettersThatWereNotTold(facts),
    ...say('service ended that nobody had asked to', facts.unexpectedEnds),
    ...(facts.stuckInExit.length > mostStuckInExit ? say('process stuck in its exit', facts.stuckInExit) : []),
    ...say(
      'span missing whose process was not killed',
      facts.orphans.filter(({ excused }) => !excused).map((orphan) => orphan.description),
    ),
  ];
}

function signalsWithoutOneOutcome({ acknowledged, stored, outcomes, grouped, ideas }: Facts): string[] {
  const ids = new Set(acknowledged.map(({ signalId }) => signalId));
  const kept = new Set(stored);
  const answers = countBy(outcomes, ({ signalId }) => signalId);
  const ideaOf = new Map(grouped.map(({ signalId, ideaId }) => [signalId, ideaId]));
  const known = new Set(ideas.map(({ ideaId }) => ideaId));
  const decided = (signalId: string): boolean => known.has(ideaOf.get(signalId) ?? '');
  const all = new Set([...ids, ...stored]);
  return [
    ...say(
      'signal acknowledged and not stored',
      [...ids].filter((id) => !kept.has(id)),
    ),
    ...say(
      'signal without an outcome',
      [...all].filter((id) => !answers.has(id)),
    ),
    ...say(
      'signal with several outcomes',
      [...answers].filter(([, count]) => count > 1).map(([id]) => id),
    ),
    ...say(
      'signal still pending',
      outcomes.filter(({ outcome }) => outcome === 'pending').map(({ signalId }) => signalId),
    ),
    ...say(
      'signal that no idea has',
      [...all].filter((id) => !ideaOf.has(id)),
    ),
    ...say('signal in several ideas', repeated(grouped.map(({ signalId }) => signalId))),
    ...say(
      'signal whose idea was not decided',
      [...all].filter((id) => ideaOf.has(id) && !decided(id)),
    ),
    ...say(
      'signal whose idea differs between scoring-engine and monitoring',
      outcomes
        .filter(({ signalId, ideaId }) => ideaId !== null && ideaOf.get(signalId) !== ideaId)
        .map(({ signalId }) => signalId),
    ),
  ];
}

function listingsThatDoNotMatch({ publisher, shelf, ideas }: Facts): string[] {
  const published = publisher.filter(({ state }) => state === 'published');
  const shown = new Map(shelf.map(({ sku, listingId }) => [sku, listingId]));
  const owned = new Map(publisher.map((row) => [row.sku, row]));
  const of = new Map(published.map((row) => [row.ideaId, row.listingId]));
  return [
    ...say(
      'idea with two listings on one marketplace',
      repeated(publisher.map((row) => `${row.ideaId} on ${row.marketplace}`)),
    ),
    ...say('SKU with two listings on the storefront', repeated(shelf.map(({ sku }) => sku))),
    ...say(
      'listing on the storefront that the publisher does not know as published',
      [...shown]
        .filter(([sku, listingId]) => owned.get(sku)?.listingId !== listingId || owned.get(sku)?.state !== 'published')
        .map(([sku]) => sku),
    ),
    ...say(
      'listing published and not on the storefront',
      published.filter(({ sku }) => !shown.has(sku)).map(({ sku }) => sku),
    ),
    ...say(
      'idea listed without its listing',
      ideas
        .filter(
          ({ ideaId, state, listingId }) => state === 'listed' && (listingId === null || of.get(ideaId) !== listingId),
        )
        .map(({ ideaId }) => ideaId),
    ),
    ...say(
      'idea with a listing and not listed',
      ideas
        .filter(({ ideaId, state }) => of.has(ideaId) && state !== 'listed')
        .map(({ ideaId, state }) => `${ideaId} (${state})`),
    ),
  ];
}

function eventsLost({ emitted, handled, deadLetters, poison, outboxes, jobs, subscriptions }: Facts): string[] {
  const done = new Set(handled.map(({ group, eventId }) => `${group} ${eventId}`));
  const buried = new Set([
    ...deadLetters.filter(({ kind }) => kind === 'event').map(({ service, sourceId }) => `${service} ${sourceId}`),
    ...poison.map(({ group, eventId }) => `${group} ${eventId}`),
  ]);
  const lost = emitted.flatMap(({ id, type, service }) =>
    (subscribersOf(type) ?? [])
      .filter((group) => !done.has(`${group} ${id}`) && !buried.has(`${group} ${id}`))
      .map((group) => `${type} ${id} of ${service} by ${group}`),
  );
  return [
    ...say('event never handled', lost),
    ...say(
      'event of an unknown type',
      emitted.filter(({ type }) => subscribersOf(type) === undefined).map(({ type }) => type),
    ),
    ...say(
      'event left in an outbox',
      outboxes.filter(({ waiting }) => waiting > 0).map((box) => `${box.service}: ${box.waiting}`),
    ),
    ...say(
      'job not done',
      jobs.map(({ service, name, state, count }) => `${service}: ${count} ${name} ${state}`),
    ),
    ...(subscriptions === undefined ? [] : subscriptionsThatDiffer(subscriptions)),
  ];
}

function subscriptionsThatDiffer(actual: NonNullable<Facts['subscriptions']>): string[] {
  const wanted = Object.entries(subscribers).flatMap(([type, groups]) => groups.map((group) => `${group} ${type}`));
  const found = actual.map(({ group, type }) => `${group} ${type}`);
  return [
    ...say(
      'group that does not subscribe',
      wanted.filter((pair) => !found.includes(pair)),
    ),
    ...say(
      'group that subscribes unknown to the drill',
      found.filter((pair) => !wanted.includes(pair)),
    ),
  ];
}

function effectsDoubled({ emitted, handled, actedTwice }: Facts): string[] {
  const meanings = emitted.flatMap(({ type, meaning }) => (meaning === null ? [] : [`${type} ${meaning}`]));
  return [
    ...say('event handled twice', repeated(handled.map(({ group, eventId }) => `${eventId} by ${group}`))),
    ...say('effect told twice', repeated(meanings)),
    ...say('event that the orchestrator acted on twice', actedTwice),
  ];
}

function deadLettersThatAreNoPoison({ deadLetters, poison, handled }: Facts): string[] {
  const sent = new Set(poison.map(({ group, eventId }) => `${group} ${eventId}`));
  const buried = new Set(deadLetters.map(({ service, sourceId }) => `${service} ${sourceId}`));
  const done = new Set(handled.map(({ group, eventId }) => `${group} ${eventId}`));
  return [
    ...say(
      'dead letter that is no poison',
      deadLetters
        .filter(({ kind, service, sourceId }) => kind !== 'event' || !sent.has(`${service} ${sourceId}`))
        .map(
          ({ service, kind, name, code, message }) => `${service}: ${kind} ${name}, ${code}: ${message.slice(0, 200)}`,
        ),
    ),
    ...say(
      'poison without a dead letter',
      [...sent].filter((one) => !buried.has(one)),
    ),
    ...say(
      'poison that was handled and not replayed',
      deadLetters
        .filter(({ service, sourceId, replayed }) => !replayed && done.has(`${service} ${sourceId}`))
        .map(({ service, sourceId }) => `${service} ${sourceId}`),
    ),
    ...say(
      'poison that was replayed and not handled',
      deadLetters
        .filter(
          ({ service, sourceId, replayed }) =>
            replayed && sent.has(`${service} ${sourceId}`) && !done.has(`${service} ${sourceId}`),
        )
        .map(({ service, sourceId }) => `${service} ${sourceId}`),
    ),
  ];
}

function deadLettersThatWereNotTold({ deadLetters, emitted, tellsDeadLetters }: Facts): string[] {
  const told = new Set(emitted.flatMap(({ type, meaning }) => (type === deadLettersTopic ? [meaning] : [])));
  const toldOf = deadLetters.map(({ service, kind, sourceId }) => `${service} ${kind} ${sourceId}`);
  return [
    ...say('dead letter that was not told', tellsDeadLetters ? toldOf.filter((one) => !told.has(one)) : []),
    ...say(
      'dead letter told that there is not',
      [...told].map(String).filter((one) => !toldOf.includes(one)),
    ),
  ];
}

function subscribersOf(type: string): readonly string[] | undefined {
  if (type === deadLettersTopic) return [];
  return Object.hasOwn(subscribers, type) ? subscribers[type as keyof typeof subscribers] : undefined;
}

function countBy<T>(rows: readonly T[], key: (row: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(key(row), (counts.get(key(row)) ?? 0) + 1);
  return counts;
}

const repeated = (texts: readonly string[]): string[] =>
  [...countBy(texts, (text) => text)]
    .filter(([, count]) => count > 1)
    .map(([text, count]) => `${text} (${count} times)`);

function say(what: string, which: readonly string[]): string[] {
  if (which.length === 0) return [];
  const more = which.length > examples ? `, and ${which.length - examples} more` : '';
  return [`${which.length} × ${what}: ${which.slice(0, examples).join(', ')}${more}`];
}
