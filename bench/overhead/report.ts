import { interval } from './result.ts';
import type { Goal, Row } from './result.ts';

/** A table in Markdown, ready for the documentation, whose columns also line up in a terminal. */
export function tableOf(rows: readonly Row[]): string {
  const head = [
    'variant',
    'CPU per request, µs',
    '× bare',
    'added µs per request',
    'per span',
    'spans per request',
    'dropped',
    'requests/s',
    'RSS, MB',
    'boot, s',
  ];
  const body = rows.map((row) => [
    row.label,
    interval(row.microsecondsPerRequest, 1),
    row.name === 'bare' ? '1' : interval(row.ratio, 2),
    row.name === 'bare' ? '' : row.addedPerRequest.toFixed(1),
    row.addedPerSpan?.toFixed(1) ?? '',
    spansOf(row),
    droppedOf(row),
    row.requestsPerSecond.toFixed(0),
    row.residentMegabytes.toFixed(0),
    row.bootSeconds.toFixed(2),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...body.map(line)].join('\n');
}

/** Which interval it is, and whatever makes the numbers less than they look. */
export function notesOf(rows: readonly Row[], pinned: boolean): string {
  // The bare service runs more often: the intervals that matter are those of the others.
  const first = rows.find((row) => row.name !== 'bare');
  const rounds = first?.rounds ?? 0;
  const notes = [
    `${rounds} rounds. [low, high]: order statistics of the rounds, covering the median with ${((first?.ratio.coverage ?? 0) * 100).toFixed(1)} %.`,
  ];
  if (!pinned)
    notes.push('Not pinned (no taskset or one core): the load competes with the service; take the ratios with care.');
  const starved = rows.filter((row) => row.busy < 0.85);
  if (starved.length > 0) {
    const names = starved.map((row) => `${row.name} ${(row.busy * 100).toFixed(0)} %`).join(', ');
    notes.push(`Did not have its core for itself, or the load was the limit: ${names}.`);
  }
  return notes.join('\n');
}

export function goalLines(goals: readonly Goal[]): string {
  return goals.map((goal) => `${goal.met ? 'met   ' : 'MISSED'}  ${goal.text}`).join('\n');
}

function spansOf(row: Row): string {
  if (row.expectedSpansPerRequest === 0 && row.spansPerRequest === 0) return '0';
  return `${short(row.spansPerRequest)} of ${short(row.expectedSpansPerRequest)}`;
}

function droppedOf(row: Row): string {
  if (row.expectedSpansPerRequest === 0) return '';
  if (row.spansDropped === undefined) return 'sampled';
  return row.spansDropped === 0 ? '0' : `${((100 * row.spansDropped) / row.spansExpected).toFixed(1)} %`;
}

const short = (value: number): string => String(Math.round(value * 1_000) / 1_000);
