import { MAX_ATTEMPTS } from './workflow.states.js';
import type { Action, Answer, Cause, Facts, Input, InputType, State, StoredState, Step } from './workflow.states.js';

type Cell<T extends InputType> = (input: Input<T>, facts: Facts) => Answer;
type Row = { readonly [T in InputType]: Cell<T> };

const move = (to: StoredState, action: Action, cause?: Cause): Answer => ({
  kind: 'move',
  to,
  action,
  ...(cause === undefined ? {} : { cause }),
});
const ignore = (reason: string) => (): Answer => ({ kind: 'ignore', reason });
const refuse = (): Answer => ({ kind: 'refuse' });
const decideNow = (): Answer => ({ kind: 'decide' });

const superseded = ignore('superseded-command');
const notAsked = ignore('not-asked-for');
const notPending = ignore('no-longer-awaited');

/** The cell applies to the answer of the command that is awaited; an answer to any other is ignored. */
const awaited =
  <T extends 'mockups.generated' | 'mockups.failed'>(cell: Cell<T>): Cell<T> =>
  (input, facts) =>
    facts.pending?.commandId === input.commandId ? cell(input, facts) : superseded();

/** The cell applies to events about the idea's own listing. */
const ofListing =
  <T extends 'listings.published' | 'listings.failed' | 'listings.withdrawn'>(cell: Cell<T>): Cell<T> =>
  (input, facts) =>
    facts.listingCommandId === input.commandId ? cell(input, facts) : superseded();

const newRevision: Cell<'ideas.scored'> = (input, facts) =>
  input.revision > facts.revision ? decideNow() : ignore('stale-revision')();

const onDeadline =
  (step: Step, state: StoredState, retry: Action): Cell<'deadline'> =>
  (input, { pending }) => {
    // The listing and its withdrawal share a command, so the step is compared as well.
    const current =
      input.step === step &&
      pending?.step === step &&
      pending.commandId === input.commandId &&
      pending.attempt === input.attempt;
    if (!current) return superseded();
    if (input.attempt < MAX_ATTEMPTS) return move(state, retry);
    const message = `no answer to the ${step} command after ${input.attempt} attempts`;
    return move('failed', 'fail', { code: 'deadline-exceeded', message });
  };

const published = ofListing<'listings.published'>(() => move('listed', 'record-published'));
const withdrawn = ofListing<'listings.withdrawn'>(() => move('withdrawn', 'record-withdrawn'));
const withdraw = (): Answer => move('withdrawing', 'request-withdrawal');

/** What most states answer; a row names what is different in its state. */
const decided: Row = {
  'ideas.scored': ignore('already-decided'),
  'mockups.generated': notPending,
  'mockups.failed': notPending,
  'listings.published': notAsked,
  'listings.failed': notAsked,
  'listings.withdrawn': notAsked,
  approve: refuse,
  reject: refuse,
  withdraw: refuse,
  deadline: notPending,
  reconsider: ignore('already-decided'),
};
const undecided: Row = { ...decided, 'mockups.generated': notAsked, 'mockups.failed': notAsked };

/** Every input in every state. */
const table: Readonly<Record<State, Row>> = {
  new: { ...undecided, 'ideas.scored': decideNow, reconsider: ignore('unknown-idea') },
  held: {
    ...undecided,
    'ideas.scored': newRevision,
    approve: () => move('rendering', 'approve'),
    reject: () => move('rejected', 'reject'),
    // The hold replaced a deferral after a new score; a person is awaited now, not a day.
    reconsider: ignore('held-for-a-person'),
  },
  deferred: { ...undecided, 'ideas.scored': newRevision, reconsider: decideNow },
  rejected: { ...decided, 'mockups.generated': notAsked, 'mockups.failed': notAsked },
  rendering: {
    ...decided,
    'mockups.generated': awaited(() => move('listing', 'request-listing')),
    'mockups.failed': awaited(({ cause }) => move('failed', 'fail', cause)),
    // Nothing is listed yet, but the publisher answers all the same, and late mockups find nobody who waits for them.
    withdraw,
    deadline: onDeadline('mockups', 'rendering', 'retry-mockups'),
  },
  listing: {
    ...decided,
    'listings.published': published,
    'listings.failed': ofListing(({ cause }) => move('failed', 'fail', cause)),
    'listings.withdrawn': withdrawn,
    withdraw,
    deadline: onDeadline('listing', 'listing', 'retry-listing'),
  },
  listed: {
    ...decided,
    'listings.published': ofListing(ignore('already-listed')),
    'listings.failed': ofListing(ignore('already-listed')),
    'listings.withdrawn': withdrawn,
    withdraw,
  },
  failed: {
    ...decided,
    // A marketplace may answer long after its time was up. What it shows to the public is what counts.
    'listings.published': published,
    'listings.failed': ofListing(ignore('already-failed')),
    'listings.withdrawn': withdrawn,
    withdraw: (_input, { listingRequested }) => (listingRequested ? withdraw() : refuse()),
  },
  withdrawing: {
    ...decided,
    // It was on its way when the withdrawal was asked for; the withdrawal stands.
    'listings.published': ofListing(() => move('withdrawing', 'record-published')),
    'listings.failed': ofListing(({ cause }, { publishedAt }) =>
      publishedAt === null ? move('withdrawn', 'record-withdrawn') : move('failed', 'fail', cause),
    ),
    'listings.withdrawn': withdrawn,
    deadline: onDeadline('withdrawal', 'withdrawing', 'retry-withdrawal'),
  },
  withdrawn: {
    ...decided,
    'listings.published': ofListing(({ publishedAt }, { withdrawnAt }) =>
      withdrawnAt !== null && publishedAt > withdrawnAt ? withdraw() : move('withdrawn', 'record-published'),
    ),
    'listings.failed': ofListing(ignore('already-withdrawn')),
    'listings.withdrawn': ofListing(ignore('already-withdrawn')),
  },
};

/**
 * What to do about an input, by state. Pure and total: there is no pair of state and input without an answer. An answer
 * to a superseded command is ignored, which makes late and repeated answers harmless.
 */
export function answer<T extends InputType>(state: State, input: Input<T>, facts: Facts): Answer {
  const row: Row = table[state];
  const cell: Cell<T> = row[input.type];
  return cell(input, facts);
}
