import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { listingCommandId, mockupsCommandId } from './workflow.commands.js';
import { MAX_ATTEMPTS, states } from './workflow.states.js';
import type { Answer, Facts, Input, InputType, State, Step } from './workflow.states.js';
import { answer } from './workflow.table.js';

const ideaId = '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1b01';
const listing = listingCommandId(ideaId, 'storefront');
const mockups = mockupsCommandId(ideaId, 1);
const cause = { code: 'refused', message: 'the marketplace refuses it' };
const publishedAt = new Date('2026-05-04T09:30:04.900Z');

const inputs: { readonly [T in InputType]: Input<T> } = {
  'ideas.scored': { type: 'ideas.scored', revision: 2 },
  'mockups.generated': { type: 'mockups.generated', commandId: mockups },
  'mockups.failed': { type: 'mockups.failed', commandId: mockups, cause },
  'listings.published': { type: 'listings.published', commandId: listing, publishedAt },
  'listings.failed': { type: 'listings.failed', commandId: listing, cause },
  'listings.withdrawn': { type: 'listings.withdrawn', commandId: listing },
  approve: { type: 'approve' },
  reject: { type: 'reject' },
  withdraw: { type: 'withdraw' },
  deadline: { type: 'deadline', commandId: mockups, step: 'mockups', attempt: 1 },
  reconsider: { type: 'reconsider' },
};
const inputTypes = Object.keys(inputs) as InputType[];

/** Facts as they are in a state that was reached the usual way. */
const factsIn = (state: State): Facts => {
  const steps: Partial<Record<State, Step>> = { rendering: 'mockups', listing: 'listing', withdrawing: 'withdrawal' };
  const step = steps[state];
  const after = ['listing', 'listed', 'withdrawing', 'withdrawn'].includes(state);
  return {
    revision: 1,
    pending: step === undefined ? null : { commandId: step === 'mockups' ? mockups : listing, step, attempt: 1 },
    listingCommandId: listing,
    listingRequested: after,
    publishedAt: ['listed', 'withdrawing', 'withdrawn'].includes(state) ? publishedAt : null,
    withdrawnAt: state === 'withdrawn' ? new Date('2026-05-05T09:30:05.900Z') : null,
  };
};

const short = (given: Answer): string => {
  switch (given.kind) {
    case 'decide':
      return 'decide';
    case 'move':
      return `${given.action} → ${given.to}`;
    case 'ignore':
      return `(${given.reason})`;
    case 'refuse':
      return 'refuse';
  }
};

/** The whole table, for inputs that are current. One row per state, in the order of `inputTypes`. */
const expected: Record<State, string[]> = {
  new: [
    'decide',
    '(not-asked-for)',
    '(not-asked-for)',
    '(not-asked-for)',
    '(not-asked-for)',
    '(not-asked-for)',
    'refuse',
    'refuse',
    'refuse',
    '(no-longer-awaited)',
    '(unknown-idea)',
  ],
  held: [
    'decide',
    '(not-asked-for)',
    '(not-asked-for)',
    '(not-asked-for)',
    '(not-asked-for)',
    '(not-asked-for)',
    'approve → rendering',
    'reject → rejected',
    'refuse',
    '(no-longer-awaited)',
    '(held-for-a-person)',
  ],
  deferred: [
    'decide',
    '(not-asked-for)',
    '(not-asked-for)',
    '(not-asked-for)',
    '(not-asked-for)',
    '(not-asked-for)',
    'refuse',
    'refuse',
    'refuse',
    '(no-longer-awaited)',
    'decide',
  ],
  rejected: [
    '(already-decided)',
    '(not-asked-for)',
    '(not-asked-for)',
    '(not-asked-for)',
    '(not-asked-for)',
    '(not-asked-for)',
    'refuse',
    'refuse',
    'refuse',
    '(no-longer-awaited)',
    '(already-decided)',
  ],
  rendering: [
    '(already-decided)',
    'request-listing → listing',
    'fail → failed',
    '(not-asked-for)',
    '(not-asked-for)',
    '(not-asked-for)',
    'refuse',
    'refuse',
    'request-withdrawal → withdrawing',
    'retry-mockups → rendering',
    '(already-decided)',
  ],
  listing: [
    '(already-decided)',
    '(no-longer-awaited)',
    '(no-longer-awaited)',
    'record-published → listed',
    'fail → failed',
    'record-withdrawn → withdrawn',
    'refuse',
    'refuse',
    'request-withdrawal → withdrawing',
    '(superseded-command)',
    '(already-decided)',
  ],
  listed: [
    '(already-decided)',
    '(no-longer-awaited)',
    '(no-longer-awaited)',
    '(already-listed)',
    '(already-listed)',
    'record-withdrawn → withdrawn',
    'refuse',
    'refuse',
    'request-withdrawal → withdrawing',
    '(no-longer-awaited)',
    '(already-decided)',
  ],
  failed: [
    '(already-decided)',
    '(no-longer-awaited)',
    '(no-longer-awaited)',
    'record-published → listed',
    '(already-failed)',
    'record-withdrawn → withdrawn',
    'refuse',
    'refuse',
    'refuse',
    '(no-longer-awaited)',
    '(already-decided)',
  ],
  withdrawing: [
    '(already-decided)',
    '(no-longer-awaited)',
    '(no-longer-awaited)',
    'record-published → withdrawing',
    'fail → failed',
    'record-withdrawn → withdrawn',
    'refuse',
    'refuse',
    'refuse',
    '(superseded-command)',
    '(already-decided)',
  ],
  withdrawn: [
    '(already-decided)',
    '(no-longer-awaited)',
    '(no-longer-awaited)',
    'record-published → withdrawn',
    '(already-withdrawn)',
    '(already-withdrawn)',
    'refuse',
    'refuse',
    'refuse',
    '(no-longer-awaited)',
    '(already-decided)',
  ],
};

const cells = states.flatMap((state) => inputTypes.map((type, column) => ({ state, type, column })));

describe('transition table', () => {
  it.each(cells)('$state, $type', ({ state, type, column }) => {
    expect(short(answer(state, inputs[type], factsIn(state)))).toBe(expected[state][column]);
  });

  const stale = cells.filter(({ type }) => 'commandId' in inputs[type]);
  it.each(stale)('$state, $type of a superseded command: ignored', ({ state, type }) => {
    const late = { ...inputs[type], commandId: mockupsCommandId(ideaId, 9) } as Input;
    expect(answer(state, late, factsIn(state)).kind).toBe('ignore');
  });

  it('lets people act only where the state allows it; nobody else is ever refused', () => {
    for (const { state, type } of cells) {
      const person = type === 'approve' || type === 'reject' || type === 'withdraw';
      const { kind } = answer(state, inputs[type], factsIn(state));
      expect(kind === 'refuse' ? person : true).toBe(true);
      expect(person && kind === 'ignore').toBe(false);
    }
  });

  it('ignores a revision that is not newer', () => {
    for (const state of ['held', 'deferred'] as const) {
      const facts = { ...factsIn(state), revision: 2 };
      expect(answer(state, inputs['ideas.scored'], facts)).toEqual({ kind: 'ignore', reason: 'stale-revision' });
    }
  });
});

describe('deadlines', () => {
  const steps: [State, Step, string][] = [
    ['rendering', 'mockups', mockups],
    ['listing', 'listing', listing],
    ['withdrawing', 'withdrawal', listing],
  ];

  it.each(steps)('%s: tries again up to the last attempt, then fails with the cause', (state, step, commandId) => {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const facts = { ...factsIn(state), pending: { commandId, step, attempt } };
      const given = answer(state, { type: 'deadline', commandId, step, attempt }, facts);
      if (attempt < MAX_ATTEMPTS) expect(given).toMatchObject({ kind: 'move', to: state });
      else expect(given).toMatchObject({ kind: 'move', to: 'failed', cause: { code: 'deadline-exceeded' } });
    }
  });

  it.each(steps)('%s: a deadline of an earlier attempt or another step is ignored', (state, step, commandId) => {
    const facts = { ...factsIn(state), pending: { commandId, step, attempt: 2 } };
    expect(answer(state, { type: 'deadline', commandId, step, attempt: 1 }, facts).kind).toBe('ignore');
    const other: Step = step === 'withdrawal' ? 'listing' : 'withdrawal';
    expect(answer(state, { type: 'deadline', commandId, step: other, attempt: 2 }, facts).kind).toBe('ignore');
  });
});

describe('withdrawal', () => {
  it('is possible for a failed idea whose listing was asked for: it may be visible after all', () => {
    const facts = { ...factsIn('failed'), listingRequested: true };
    expect(answer('failed', inputs.withdraw, facts)).toMatchObject({ kind: 'move', to: 'withdrawing' });
  });

  it('is done when the listing was refused before it ever was visible', () => {
    const facts = { ...factsIn('withdrawing'), publishedAt: null };
    expect(answer('withdrawing', inputs['listings.failed'], facts)).toMatchObject({ kind: 'move', to: 'withdrawn' });
  });

  it('is asked for again when the listing appears after it was withdrawn', () => {
    const late = { ...inputs['listings.published'], publishedAt: new Date('2026-05-06T00:00:00.000Z') };
    expect(answer('withdrawn', late, factsIn('withdrawn'))).toMatchObject({ to: 'withdrawing' });
  });
});

describe('any walk through the table', () => {
  it('never leaves a rejection, and reaches rendering only through a decision or an approval', () => {
    const walk = fc.array(fc.constantFrom(...inputTypes), { maxLength: 30 });
    fc.assert(
      fc.property(walk, (types) => {
        let state: State = 'new';
        for (const type of types) {
          const given: Answer = answer(state, inputs[type], factsIn(state));
          const next: State = given.kind === 'move' ? given.to : given.kind === 'decide' ? 'held' : state;
          if (state === 'rejected') expect(next).toBe('rejected');
          if (next === 'rendering' && state !== 'rendering') {
            expect(given).toMatchObject({ action: 'approve' });
          }
          state = next;
        }
      }),
    );
  });
});
