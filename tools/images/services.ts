import { serviceNames, services } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';

/** The port of a service in its container, which Prometheus' targets and the other services know. */
export const containerPort = (service: ServiceName): number => services[service].containerPort;

/** Those that have a database, and migrations with it. */
export const withDatabase: readonly ServiceName[] = serviceNames.filter((name) => name !== 'api-gateway');

/** The name under which the image of a service is built here, and looked for by docker-compose.yml and the chart. */
export const imageOf = (service: ServiceName, tag: string): string => `signalpress/${service}:${tag}`;
