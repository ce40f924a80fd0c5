import { bootstrapService } from '@signalpress/service-defaults';
import { readEnv } from './env.js';

await bootstrapService({
  service: 'marketplace-publisher',
  readEnv,
  app: async (env) => (await import('./app.module.js')).AppModule.register(env),
  migrate: async () => (await import('./database.js')).migrateDatabase(),
});
