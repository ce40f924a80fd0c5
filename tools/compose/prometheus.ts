import { waitFor } from '@signalpress/testing';
import { LaunchError } from '../launcher/failure.ts';

/** Where docker-compose.yml publishes it. */
const url = 'http://127.0.0.1:9090';
/** Some of its scrapes, and of the collector's flushes. */
const patience = { timeoutMs: 180_000, intervalMs: 1_000 };

interface Target {
  readonly labels: { readonly job: string };
  readonly health: string;
  readonly lastError: string;
}

/** Waits until every target answers. @returns the jobs that do. @throws Error that says which do not, and why */
export async function targetsUp(expected: number): Promise<string[]> {
  let said = '';
  const up = async (): Promise<string[] | undefined> => {
    const { activeTargets } = await asked<{ activeTargets: Target[] }>('/api/v1/targets');
    said = activeTargets.map(({ labels: { job }, health, lastError }) => `${job} ${health} ${lastError}`).join('; ');
    const isUp = activeTargets.length === expected && activeTargets.every(({ health }) => health === 'up');
    return isUp ? activeTargets.map(({ labels: { job } }) => job).sort() : undefined;
  };
  return waitFor(up, { ...patience, message: () => `${expected} targets: ${said}` });
}

/** The Alertmanagers that Prometheus sends to. */
export async function alertmanagers(): Promise<string[]> {
  const { activeAlertmanagers } = await asked<{ activeAlertmanagers: { url: string }[] }>('/api/v1/alertmanagers');
  return activeAlertmanagers.map((each) => each.url);
}

/** Waits until a query has these values of a label. @throws Error with those that it has not */
export async function labelled(query: string, label: string, values: readonly string[]): Promise<void> {
  let missing = values;
  const complete = async (): Promise<boolean> => {
    const path = `/api/v1/query?query=${encodeURIComponent(query)}`;
    const { result } = await asked<{ result: { metric: Readonly<Record<string, string>> }[] }>(path);
    const found = result.map(({ metric }) => metric[label]);
    missing = values.filter((value) => !found.includes(value));
    return missing.length === 0;
  };
  await waitFor(complete, { ...patience, message: () => `${query} of ${missing.join(', ')}` });
}

async function asked<Data>(path: string): Promise<Data> {
  const response = await fetch(`${url}${path}`);
  if (!response.ok) throw new LaunchError(`Prometheus answered ${response.status} to ${path}`);
  return ((await response.json()) as { data: Data }).data;
}
