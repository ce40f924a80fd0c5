import type { Migrations } from '@signalpress/persistence';

/**
 * The tables of this library: outbox, inbox, jobs and dead letters in the service's own schema, and the log of the
 * `postgres` transport in the schema `events`. A service lists them before its own migrations.
 */
export function messagingMigrations(): Migrations[] {
  return [
    { name: 'messaging', directory: new URL('../migrations/service/', import.meta.url) },
    { name: 'messaging-events', directory: new URL('../migrations/events/', import.meta.url), schema: 'events' },
  ];
}
