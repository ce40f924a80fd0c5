import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';

/** A superuser's connection to the embedded database of a run. */
export async function connectTo(dataDirectory: string): Promise<Client> {
  const postmaster = readFileSync(path.join(dataDirectory, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  const secret = JSON.parse(readFileSync(path.join(dataDirectory, 'postgres.server.json'), 'utf8')) as {
    password: string;
  };
  const client = new Client({
    host: '127.0.0.1',
    // The fourth line is the port.
    port: Number(postmaster[3]),
    user: 'postgres',
    password: secret.password,
    database: 'postgres',
  });
  await client.connect();
  return client;
}
