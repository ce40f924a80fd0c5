import path from 'node:path';

export interface LeasedDatabase {
  readonly url: string;
  release(): Promise<void>;
}

/**
 * The database of this run: the one named by DATABASE_URL, or the embedded server, leased. Whoever leases it last stops it.
 */
export async function leaseDatabase(dataDirectory: string, owner: string): Promise<LeasedDatabase> {
  const url = process.env['DATABASE_URL'];
  if (url !== undefined && url !== '') return { url, release: () => Promise.resolve() };
  // Loaded late: the library is built by this very run.
  const { acquireEmbeddedPostgres } = await import('@signalpress/persistence/embedded');
  return acquireEmbeddedPostgres({ dataDirectory: path.join(dataDirectory, 'postgres'), owner });
}
