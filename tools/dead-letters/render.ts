import Table from 'cli-table3';
import { z } from 'zod';
import type { Options } from './options.ts';

const letter = z.object({
  id: z.string(),
  kind: z.string(),
  name: z.string(),
  key: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }),
  attempts: z.number(),
  failedAt: z.string(),
});
const page = z.object({ items: z.array(letter), nextCursor: z.string().nullable() });
const replay = z.object({ id: z.string(), outcome: z.string() });

const outcomes: Readonly<Record<string, string>> = {
  handled: 'it had its effect now',
  'already-handled': 'it had its effect before; nothing changed',
  enqueued: 'the job will run',
};

/** The answer as a person reads it. */
export function render({ command, json }: Options, answer: unknown): string {
  if (json || command === 'show') return JSON.stringify(answer, null, 2);
  if (command === 'list') return list(page.parse(answer));
  const { id, outcome } = replay.parse(answer);
  return `${id}: ${outcomes[outcome] ?? outcome}`;
}

function list({ items, nextCursor }: z.output<typeof page>): string {
  if (items.length === 0) return 'no dead letters';
  const table = new Table({
    head: ['id', 'failed at', 'what', 'key', 'attempts', 'error'],
    style: { head: [], border: [] },
  });
  for (const { id, failedAt, kind, name, key, attempts, error } of items) {
    table.push([id, failedAt, `${kind} ${name}`, key ?? '', attempts, `${error.code}: ${error.message}`.slice(0, 100)]);
  }
  return table.toString() + (nextCursor === null ? '' : '\nthere are more; see --limit');
}
