import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { migrateWhenThere, MigrationError } from '../src/index.js';
import type { MigrationOptions } from '../src/index.js';
import { createTestDatabase } from '../src/testing/index.js';
import type { TestDatabase } from '../src/testing/index.js';

describe('migrating a database that may not be there yet', () => {
  let server: TestDatabase;
  let options: MigrationOptions;

  beforeAll(async () => {
    server = await createTestDatabase();
    options = { databaseUrl: server.url, schema: 'service', applicationName: 'spec', migrations: [] };
  });

  afterAll(() => server.close());

  const withUrl = (change: (url: URL) => void, more: Partial<MigrationOptions> = {}): MigrationOptions => {
    const url = new URL(server.url);
    change(url);
    return { ...options, ...more, databaseUrl: url.href };
  };

  it.each([
    ['a wrong password', (url: URL) => (url.password = 'wrong'), /password authentication failed/],
    ['a database that does not exist', (url: URL) => (url.pathname = '/nowhere'), /database "nowhere" does not exist/],
  ])('says at once what the server has against %s, and no secret', async (_, change, reason) => {
    let waited = 0;
    const refused = migrateWhenThere(withUrl(change), () => waited++);
    await expect(refused).rejects.toBeInstanceOf(MigrationError);
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.not.toThrow(new URL(server.url).password);
    expect(waited).toBe(0);
  });

  it('gives up on a server that stays away, with the error of the connection', async () => {
    let waited = 0;
    const away = withUrl((url) => (url.port = '1'), { startTimeoutMs: 300 });
    await expect(migrateWhenThere(away, () => waited++)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(waited).toBe(1);
  });

  it('goes on when the server comes', async () => {
    const { port, hostname } = new URL(server.url);
    const door = createServer((socket) => {
      const through = connect(Number(port), hostname);
      socket.pipe(through).pipe(socket);
      for (const end of [socket, through]) end.on('error', () => socket.destroy());
    });
    door.listen(0, '127.0.0.1');
    await once(door, 'listening');
    const { port: doorPort } = door.address() as AddressInfo;
    door.close();
    await once(door, 'close');
    const migrations = [{ name: 'own', directory: new URL('./fixtures/migrations/', import.meta.url) }];
    const late = withUrl((url) => (url.port = String(doorPort)), { migrations, startTimeoutMs: 60_000 });
    await expect(migrateWhenThere(late, () => door.listen(doorPort, '127.0.0.1'))).resolves.toEqual([
      'own/0001_table.sql',
    ]);
    door.close();
  });
});
