import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchError } from '../launcher/failure.ts';

/** Where docker-compose.yml publishes it. */
const url = 'http://127.0.0.1:9090';
/** Some of its scrapes, and of the collector's flushes. */
const patienceMs = 180_000;

interface Target {
  readonly labels: { readonly job: string };
  readonly health: string;
  readonly lastError: string;
}

/** Waits until every target answers. @returns the jobs that do. @throws LaunchError that says which do not, and why */
export async function targetsUp(expected: number): Promise<string[]> {
  return patiently(async () => {
    const { activeTargets } = await asked<{ activeTargets: Target[] }>('/api/v1/targets');
    const isUp = activeTargets.length === expected && activeTargets.every(({ health }) => health === 'up');
    const said = activeTargets.map(({ labels: { job }, health, lastError }) => `${job} ${health} ${lastError}`);
    return isUp ? activeTargets.map(({ labels: { job } }) => job).sort() : new LaunchError(said.join('; '));
  });
}

/** The Alertmanagers that Prometheus sends to. */
export async function alertmanagers(): Promise<string[]> {
  const { activeAlertmanagers } = await asked<{ activeAlertmanagers: { url: string }[] }>('/api/v1/alertmanagers');
  return activeAlertmanagers.map((each) => each.url);
}

/** Waits until a query has these values of a label. @throws LaunchError with those that it has */
export async function labelled(query: string, label: string, values: readonly string[]): Promise<void> {
  await patiently(async () => {
    const path = `/api/v1/query?query=${encodeURIComponent(query)}`;
    const { result } = await asked<{ result: { metric: Readonly<Record<string, string>> }[] }>(path);
    const found = result.map(({ metric }) => metric[label]);
    const missing = values.filter((value) => !found.includes(value));
    return missing.length === 0 ? true : new LaunchError(`${query} has no ${missing.join(', ')}`);
  });
}

async function asked<Data>(path: string): Promise<Data> {
  const response = await fetch(`${url}${path}`);
  if (!response.ok) throw new LaunchError(`Prometheus answered ${response.status} to ${path}`);
  return ((await response.json()) as { data: Data }).data;
}

async function patiently<Result>(attempt: () => Promise<Result | LaunchError>): Promise<Result> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const result = await attempt();
    if (!(result instanceof LaunchError)) return result;
    if (Date.now() > deadline) throw result;
    await sleep(1_000);
  }
}
