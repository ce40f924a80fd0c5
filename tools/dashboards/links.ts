import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';

/** From a panel to what to do about it. */
export function runbookLink(alert: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(`Runbook: ${alert}`)
    .type(DashboardLinkType.Link)
    .url(`\${runbooks}/${alert}.md`)
    .targetBlank(true);
}

/** From dashboard to dashboard, time and variables kept. */
export function siblingsLink(): DashboardLinkBuilder {
  return new DashboardLinkBuilder('Signalpress')
    .type(DashboardLinkType.Dashboards)
    .tags(['signalpress'])
    .asDropdown(false)
    .includeVars(true)
    .keepTime(true);
}

/** A link of a cell, in the form that field overrides take. */
export interface CellLink {
  readonly title: string;
  readonly url: string;
  readonly targetBlank: true;
}

/** From an id of a trace to the trace. */
export const traceLink: CellLink = {
  title: 'Open the trace',
  url: '${traces}/${__value.raw}',
  targetBlank: true,
};

/** From the name of an alert to its runbook. */
export const alertRunbookLink: CellLink = {
  title: 'Open the runbook',
  url: '${runbooks}/${__value.raw}.md',
  targetBlank: true,
};
