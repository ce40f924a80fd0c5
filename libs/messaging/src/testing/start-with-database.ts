import type { INestApplication } from '@nestjs/common';
import { Lifecycle } from '@signalpress/observability';
import { Database } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { MessagingTuning } from '../messaging.options.js';
import { eventsOf } from './service-events.js';
import type { ServiceEvents } from './service-events.js';

/** Short waits: what is emitted in a spec is consumed at once. */
export const quickTuning: Partial<MessagingTuning> = { pollMs: 50, heartbeatMs: 100 };

/** A whole service that listens on a free port, with its state in a database that nobody else sees. */
export interface ServiceUnderTest<Tables> extends ServiceEvents {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly db: Database<Tables>;
  /** Stops the service, and drops the database that was made for it. */
  close(): Promise<void>;
}

/**
 * Starts a service on a database of its own, ready as it is after `bootstrapService`.
 *
 * @param create makes the application from the variables that every service needs in a spec; the service adds its own
 * @param databaseUrl of a service that is already there, to start another instance of it beside it
 */
export async function startWithDatabase<Tables>(
  create: (variables: Readonly<Record<string, string>>) => Promise<INestApplication>,
  databaseUrl?: string,
): Promise<ServiceUnderTest<Tables>> {
  const database =
    databaseUrl === undefined ? await createTestDatabase() : { url: databaseUrl, close: () => Promise.resolve() };
  try {
    const app = await create({ NODE_ENV: 'test', LOG_LEVEL: 'fatal', PORT: '0', DATABASE_URL: database.url });
    await app.listen(0, '127.0.0.1');
    app.get(Lifecycle).markReady();
    const db: Database<Tables> = app.get(Database);
    return {
      ...eventsOf(app),
      url: await app.getUrl(),
      databaseUrl: database.url,
      db,
      close: async () => {
        try {
          await app.close();
        } finally {
          await database.close();
        }
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
