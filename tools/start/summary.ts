import Table from 'cli-table3';
import type { IdeaTimeline, Progress } from '@signalpress/contracts';
import { serviceUrl } from '../launcher/environment.ts';
import type { Report } from './report.ts';
import { itemOutcomes } from './report.ts';

/** No colours, and no rule between the rows. */
const plain = { style: { head: [], border: [] }, chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' } };

/** The stages of an idea's way, and the event that ends each. */
const stages = new Map([
  ['gather and score', 'ideas.scored'],
  ['decide', 'ideas.decided'],
  ['render', 'mockups.generated'],
  ['publish', 'listings.published'],
]);

export function describeProgress(progress: Progress): string {
  const { signals, ideas, approved, mockups, listings, publishLatencyMs } = progress;
  const stages = [
    `signals ${signals}`,
    `ideas ${ideas}`,
    `approved ${approved}`,
    `mockups ${mockups}`,
    `listings ${listings}`,
  ].join(' → ');
  return publishLatencyMs === null
    ? stages
    : `${stages} · publish latency p50 ${seconds(publishLatencyMs.p50)}, p95 ${seconds(publishLatencyMs.p95)}`;
}

export function describeReport(report: Report): string {
  const counts = itemOutcomes.filter((outcome) => report.totals[outcome] > 0).map((o) => `${report.totals[o]} ${o}`);
  const latency = report.publishLatencyMs;
  const tail = latency === null ? '' : ` · publish latency p50 ${seconds(latency.p50)}, p95 ${seconds(latency.p95)}`;
  return `${report.totals.items} items: ${counts.join(', ')}${tail}`;
}

/** A listing a line: the time from capture to publication, and where it went. */
export function describeListings(timelines: readonly IdeaTimeline[]): string {
  if (timelines.length === 0) return '';
  const table = new Table({ ...plain, head: ['listing', 'took', ...stages.keys()] });
  for (const { phrase, publishLatencyMs, steps } of timelines) {
    const spent = [...stages.values()].map((type) => steps.find((step) => step.type === type)?.sincePreviousMs ?? 0);
    table.push([phrase ?? '', ...[publishLatencyMs ?? 0, ...spent].map((ms) => seconds(ms))]);
  }
  return `${table.toString()}\n`;
}

/** What to open, what to present there, and one thing to try. */
export function describeAddresses(portOffset: number, dataDirectory: string, newAdminKey: string | undefined): string {
  const gateway = serviceUrl('api-gateway', portOffset);
  const table = new Table(plain);
  table.push(
    ['Storefront', `${gateway}/storefront`],
    ['Gateway (with the admin key)', gateway],
    ['Publish latency', `${gateway}/latency`],
    ['Ideas', `${gateway}/ideas`],
    ['Health of all services', `${gateway}/status`],
    ['Metrics of a service', `${serviceUrl('orchestrator', portOffset)}/metrics`],
    ['Logs', `${dataDirectory}/logs/<service>.log`],
    [
      'Admin key',
      newAdminKey ?? `made at the first start; delete ${dataDirectory}/keys/admin-key.sha256 for a new one`,
    ],
  );
  const key = newAdminKey ?? '<admin key>';
  return [
    table.toString(),
    ...(newAdminKey === undefined ? [] : ['The admin key is shown this once: keep it.']),
    `Try: curl -s -H "Authorization: Bearer ${key}" ${gateway}/latency`,
    'Ctrl-C stops everything.',
  ].join('\n');
}

function seconds(milliseconds: number): string {
  return milliseconds < 60_000 ? `${(milliseconds / 1_000).toFixed(1)} s` : `${(milliseconds / 60_000).toFixed(1)} min`;
}
