import type { Estimate } from '../overhead/statistics.ts';
import type { Backlog, Work } from './backlog.ts';
import { ratioOf } from './result.ts';
import type { Goal, Row } from './result.ts';

const interval = ({ median, low, high }: Estimate, digits: number): string =>
  low === high ? median.toFixed(digits) : `${median.toFixed(digits)} [${low.toFixed(digits)} ${high.toFixed(digits)}]`;

/** Events per second, their cost and their latency, as a table in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  return markdown(
    [
      'partitions',
      'variant',
      'events/s',
      '× hand-written',
      '× nest',
      'CPU per event, µs',
      'with publishing, µs',
      'p50, ms',
      'p99, ms',
      'RSS, MB',
      'heap, MB',
    ],
    rows.map((row) => [
      String(row.partitions),
      row.label,
      interval(row.eventsPerSecond, 0),
      row.toHandWritten === undefined ? '' : interval(row.toHandWritten, 2),
      row.toNest === undefined ? '' : interval(row.toNest, 2),
      interval(row.microsecondsPerEvent, 0),
      row.publishedMicroseconds.toFixed(0),
      row.p50.toFixed(1),
      row.p99.toFixed(1),
      row.residentMegabytes.toFixed(0),
      row.heapMegabytes.toFixed(0),
    ]),
  );
}

export function backlogTableOf(backlogs: readonly Backlog[]): string {
  const line = (backlog: Backlog, half: string, work: Work): string[] => [
    backlog.label,
    `${half}, ${backlog.events} events`,
    work.eventsPerSecond.toFixed(0),
    work.microseconds[0]?.toFixed(0) ?? '',
    work.microseconds.at(-1)?.toFixed(0) ?? '',
    ratioOf(work.microseconds).toFixed(2),
    work.residentMegabytes.toFixed(0),
    work.heapMegabytes.toFixed(0),
  ];
  return markdown(
    [
      'variant',
      'backlog',
      'events/s',
      'µs per event, first tenth',
      'last tenth',
      'first / last',
      'peak RSS, MB',
      'peak heap, MB',
    ],
    backlogs.flatMap((backlog) => [
      line(backlog, 'outbox', backlog.relay),
      line(backlog, 'transport', backlog.consumer),
    ]),
  );
}

export const goalLines = (goals: readonly Goal[]): string =>
  goals
    .map(
      ({ what, value, limit, at, met }) =>
        `${met ? 'met   ' : 'MISSED'} ${what}: ${value.toFixed(2)}, at ${at} ${limit}`,
    )
    .join('\n');

/** Its columns also line up in a terminal. */
function markdown(head: readonly string[], body: ReadonlyArray<readonly string[]>): string {
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(line)].join('\n');
}
