import path from 'node:path';
import type { Dashboard } from './dashboard.ts';
import { latency } from './latency.dashboard.ts';
import { optimization } from './optimization.dashboard.ts';
import { queueLength } from './queue-length.dashboard.ts';
import { resourceUsage } from './resource-usage.dashboard.ts';
import { serviceHealth } from './service-health.dashboard.ts';

export const dashboards: readonly Dashboard[] = [latency, queueLength, resourceUsage, optimization, serviceHealth];

const folder = path.resolve(import.meta.dirname, '../../infrastructure/grafana/dashboards');

export function fileOf({ file }: Dashboard): string {
  return path.join(folder, `${file}.json`);
}
