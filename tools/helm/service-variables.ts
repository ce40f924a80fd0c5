import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from '../launcher/workspace.ts';

const apps = path.join(workspaceRoot, 'apps');

/** The services, by their folders. */
export const serviceNames: readonly string[] = readdirSync(apps)
  .filter((name) => existsSync(path.join(apps, name, '.env.example')))
  .sort();

/**
 * What the chart sets itself, from values of their own or from Secrets. The other variables go into `env`. A change here shows in
 * values.schema.json.
 */
const ownedByTheChart = new Set([
  ...['NODE_ENV', 'HOST', 'PORT', 'SERVICE_VERSION', 'SHUTDOWN_DEADLINE_SECONDS', 'SHUTDOWN_READINESS_DELAY_SECONDS'],
  ...['METRICS_TOKEN', 'SENTRY_DSN', 'DATABASE_URL', 'ADMIN_KEY_SHA256', 'STOREFRONT_API_KEY', 'STOREFRONT_PUBLIC_URL'],
  ...['FILES_DIRECTORY', 'ENABLE_PAGERDUTY', 'PAGERDUTY_ROUTING_KEY', 'EVENT_TRANSPORT'],
  ...serviceNames.map((name) => `${name.toUpperCase().replaceAll('-', '_')}_URL`),
]);

/** Refused by the services in production, which is how the chart runs them. */
const refusedInProduction = new Set(['ALLOW_PRIVATE_SOURCES', 'STOREFRONT_FAULTS', 'FAILPOINTS']);

/** Every variable that the service documents; a spec of each service holds its .env.example against what it reads. */
function documentedVariables(service: string): string[] {
  const text = readFileSync(path.join(apps, service, '.env.example'), 'utf8');
  return [...text.matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = '']) => name);
}

/** Names that `services.<service>.env` takes, sorted. `OTEL_*` is taken by pattern, for there are many. */
export function settableVariables(service: string): string[] {
  return documentedVariables(service)
    .filter((name) => !ownedByTheChart.has(name) && !refusedInProduction.has(name))
    .filter((name) => !/^(?:OTEL|KAFKA)_/.test(name))
    .sort();
}

/** Names that every service knows: `env` takes them. */
export function commonVariables(): string[] {
  const [first = [], ...others] = serviceNames.map(settableVariables);
  return first.filter((name) => others.every((names) => names.includes(name)));
}
