/** States of an idea as the orchestrator knows it. `new`: nothing is known of it yet. */
export const states = [
  'new',
  'held',
  'deferred',
  'rejected',
  'rendering',
  'listing',
  'listed',
  'failed',
  'withdrawing',
  'withdrawn',
] as const;
export type State = (typeof states)[number];
/** States that a stored idea can have. */
export const storedStates = states.filter((state): state is StoredState => state !== 'new');
export type StoredState = Exclude<State, 'new'>;

/** Something that was asked of another service and is answered by an event. */
export type Step = 'mockups' | 'listing' | 'withdrawal';

/** Most attempts at one step, the first one included. */
export const MAX_ATTEMPTS = 3;

/** Why a step failed, as a stable code and a sentence. */
export interface Cause {
  readonly code: string;
  readonly message: string;
}

interface InputFields {
  'ideas.scored': { readonly revision: number };
  'mockups.generated': { readonly commandId: string };
  'mockups.failed': { readonly commandId: string; readonly cause: Cause };
  'listings.published': { readonly commandId: string; readonly publishedAt: Date };
  'listings.failed': { readonly commandId: string; readonly cause: Cause };
  'listings.withdrawn': { readonly commandId: string };
  /** A person's word. */
  approve: object;
  reject: object;
  withdraw: object;
  /** A command was not answered in time. */
  deadline: { readonly commandId: string; readonly step: Step; readonly attempt: number };
  /** A deferred idea is due. */
  reconsider: object;
}

export type InputType = keyof InputFields;
/** What can happen to an idea: events, people, and time. */
export type Input<T extends InputType = InputType> = { [K in T]: { readonly type: K } & InputFields[K] }[T];

/** What the transition table needs to know besides the state. */
export interface Facts {
  /** Newest revision that was scored. */
  readonly revision: number;
  /** The command that an answer is awaited for. */
  readonly pending: { readonly commandId: string; readonly step: Step; readonly attempt: number } | null;
  /** Name of the idea's listing command, asked for or not. */
  readonly listingCommandId: string;
  /** True once a listing was asked for, answered or not. */
  readonly listingRequested: boolean;
  readonly publishedAt: Date | null;
  readonly withdrawnAt: Date | null;
}

export type Action =
  | 'approve'
  | 'reject'
  | 'retry-mockups'
  | 'request-listing'
  | 'retry-listing'
  | 'record-published'
  | 'request-withdrawal'
  | 'retry-withdrawal'
  | 'record-withdrawn'
  | 'fail';

/** What the orchestrator does about an input. */
export type Answer =
  /** The rules of the policy decide where the idea goes. */
  | { readonly kind: 'decide' }
  | { readonly kind: 'move'; readonly to: StoredState; readonly action: Action; readonly cause?: Cause }
  /** Nothing changes; the input and the reason are recorded. */
  | { readonly kind: 'ignore'; readonly reason: string }
  /** A person asked for what the state does not allow; the person is told. */
  | { readonly kind: 'refuse' };
