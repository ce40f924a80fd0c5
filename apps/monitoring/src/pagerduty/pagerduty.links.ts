import type { AlertCondition } from '@signalpress/contracts';
import type { IncidentLinks } from './pagerduty.event.js';
import type { PagerDutySettings } from './pagerduty.settings.js';

/** The dashboard that answers the first question, by its uid in Grafana. */
const dashboards: Record<AlertCondition, string> = {
  'publish-latency': 'signalpress-latency',
  'stuck-ideas': 'signalpress-latency',
  'queue-backlog': 'signalpress-queue-length',
  'listing-sync': 'signalpress-optimization',
};

/** Links of a condition; without a base address there is none. */
export function linksOf(
  condition: AlertCondition,
  { dashboardBaseUrl, runbookBaseUrl }: Pick<PagerDutySettings, 'dashboardBaseUrl' | 'runbookBaseUrl'>,
): IncidentLinks {
  return {
    ...(dashboardBaseUrl === undefined ? {} : { dashboard: `${dashboardBaseUrl}/d/${dashboards[condition]}` }),
    ...(runbookBaseUrl === undefined ? {} : { runbook: `${runbookBaseUrl}/${condition}.md` }),
  };
}
