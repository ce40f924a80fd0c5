import path from 'node:path';
import { workspaceRoot } from '../launcher/workspace.ts';

export const chartDirectory = path.join(workspaceRoot, 'infrastructure/helm/signalpress');

/** Renders that were looked at, one per case; `npm run helm:check` compares what Helm makes now. */
export const goldenDirectory = path.join(workspaceRoot, 'infrastructure/helm/golden');

/** What is rendered: the name of a case, and the values files that are laid over the chart's own. */
export const cases: Readonly<Record<string, readonly string[]>> = {
  default: [],
  small: ['values-small.yaml'],
  production: ['values-production.yaml'],
  external: ['values-external.yaml'],
};
