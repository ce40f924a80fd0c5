import { createTestDatabase } from '@signalpress/persistence/testing';
import { describeTransportContract } from './transport-contract.js';

describeTransportContract('postgres', async () => {
  const database = await createTestDatabase();
  return { databaseUrl: database.url, options: () => ({}), close: () => database.close() };
});
