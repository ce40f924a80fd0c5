import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { serviceNames, services } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
import { workspaceRoot } from './workspace.ts';

/** What the services of one run share. */
export interface RunSettings {
  readonly dataDirectory: string;
  /** Added to every local port, so that two runs can stand side by side. */
  readonly portOffset: number;
  readonly databaseUrl: string;
  /** SHA-256 of the admin key, hexadecimal. */
  readonly adminKeySha256: string;
  /** What the publisher shows to the built-in storefront. */
  readonly storefrontApiKey: string;
  /** What the gateway wants from whoever asks for its metrics. */
  readonly metricsToken: string;
  /** RFC 3339 instant at which the services' clock starts; the present when absent. */
  readonly asOf?: string;
}

type Environment = Record<string, string | undefined>;

export function servicePort(service: ServiceName, portOffset: number): number {
  return services[service].localPort + portOffset;
}

export function serviceUrl(service: ServiceName, portOffset: number): string {
  return `http://127.0.0.1:${servicePort(service, portOffset)}`;
}

/**
 * The environment of a service on one machine. What the run decides comes first, the service's own `.env` goes over it,
 * and what the shell has set goes over both.
 */
export function serviceEnvironment(
  service: ServiceName,
  run: RunSettings,
  shell: Environment = process.env,
): Environment {
  return {
    ...runEnvironment(service, run),
    ...dotEnv(path.join(workspaceRoot, 'apps', service, '.env')),
    ...shell,
    // One PORT in the shell cannot mean eight services.
    PORT: String(servicePort(service, run.portOffset)),
  };
}

function runEnvironment(service: ServiceName, run: RunSettings): Environment {
  const urls = serviceNames.map((name) => [`${constantCase(name)}_URL`, serviceUrl(name, run.portOffset)] as const);
  return {
    NODE_ENV: 'development',
    DATABASE_URL: run.databaseUrl,
    FILES_DIRECTORY: path.join(run.dataDirectory, 'files'),
    STOREFRONT_API_KEY: run.storefrontApiKey,
    STOREFRONT_URL: serviceUrl('marketplace-publisher', run.portOffset),
    // Buyers come through the one public door.
    STOREFRONT_PUBLIC_URL: serviceUrl('api-gateway', run.portOffset),
    ...(service === 'api-gateway' ? { ADMIN_KEY_SHA256: run.adminKeySha256 } : {}),
    // The others listen on this machine alone and show their metrics to everybody on it.
    ...(service === 'api-gateway' || service === 'monitoring' ? { METRICS_TOKEN: run.metricsToken } : {}),
    ...(run.asOf === undefined ? {} : { CLOCK_AS_OF: run.asOf }),
    // Compiled code is kept between starts: eight services load mostly the same modules.
    NODE_COMPILE_CACHE: path.join(run.dataDirectory, 'compile-cache'),
    ...Object.fromEntries(urls),
  };
}

/** Variables of a `.env` file; empty values are left out, so that an untouched example changes nothing. */
function dotEnv(file: string): Environment {
  if (!existsSync(file)) return {};
  return Object.fromEntries(Object.entries(parseEnv(readFileSync(file, 'utf8'))).filter(([, value]) => value !== ''));
}

function constantCase(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
