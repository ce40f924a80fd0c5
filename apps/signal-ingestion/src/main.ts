import { bootstrapService } from '@signalpress/service-defaults';
import { readEnv } from './env.js';

await bootstrapService({
  service: 'signal-ingestion',
  readEnv,
  app: async (env) => (await import('./app.module.js')).AppModule.register(env),
  migrate: async () => (await import('./database.js')).migrateDatabase(),
  // A document of 5 MiB may become twice as long as a JSON string.
  bodyLimitBytes: 11 * 1024 * 1024,
});
