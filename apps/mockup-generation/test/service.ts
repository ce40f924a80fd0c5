import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWithDatabase } from '@signalpress/messaging/testing';
import type { ServiceUnderTest } from '@signalpress/messaging/testing';
import { createService, loadEnv } from '@signalpress/service-defaults';
import { AppModule } from '../src/app.module.js';
import { schema } from '../src/env.js';
import type { MockupTables } from '../src/mockups/mockups.tables.js';

export interface MockupService extends ServiceUnderTest<MockupTables> {
  readonly filesDirectory: string;
}

/** The service with a database and a folder of its own. */
export async function startMockupGeneration(): Promise<MockupService> {
  const filesDirectory = await mkdtemp(join(tmpdir(), 'mockups-'));
  const service = await startWithDatabase<MockupTables>((variables) => {
    const env = loadEnv(schema, { ...variables, FILES_DIRECTORY: filesDirectory });
    return createService({ service: 'mockup-generation', app: () => Promise.resolve(AppModule.register(env)) }, env);
  });
  return {
    ...service,
    filesDirectory,
    close: async () => {
      await service.close();
      await rm(filesDirectory, { recursive: true, force: true });
    },
  };
}
