import { bootstrapService } from '@signalpress/service-defaults';
import { readEnv } from './env.js';

await bootstrapService({
  service: 'api-gateway',
  readEnv,
  trustedProxies: (env) => env.TRUSTED_PROXIES,
  app: async (env) => (await import('./app.module.js')).AppModule.register(env),
});
