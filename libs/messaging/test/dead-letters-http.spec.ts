import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { waitFor } from '@signalpress/testing';
import { PoisonError } from '../src/index.js';
import { Observer, Script, countRows, effects, publish, startService } from './test-service.js';
import type { TestService } from './test-service.js';

interface Page {
  readonly items: readonly { readonly id: string; readonly key: string }[];
  readonly nextCursor: string | null;
}

describe('GET /dead-letters', () => {
  let database: TestDatabase;
  let service: TestService;
  let script: Script;
  let url: string;

  beforeEach(async () => {
    database = await createTestDatabase();
    script = new Script();
    script.after = () => Promise.reject(new PoisonError('the pen of mail@example.org is broken'));
    service = await startService({
      databaseUrl: database.url,
      providers: [Observer, { provide: APP_PIPE, useFactory: () => new StandardSchemaValidationPipe() }],
      script,
    });
    await service.app.listen(0, '127.0.0.1');
    url = `${await service.app.getUrl()}/dead-letters`;
    await publish(
      service,
      [1, 2, 3].map((views) => ({ ideaId: randomUUID(), views })),
    );
    await waitFor(async () => (await countRows(service.db, 'dead_letters')) === 3);
  });
  afterEach(async () => {
    await service.stop();
    await database.close();
  });

  const get = async <T>(path: string): Promise<T> => (await (await fetch(url + path)).json()) as T;
  const post = (path: string): Promise<Response> => fetch(url + path, { method: 'POST' });

  it('pages through all of them, newest first, without repeating one', async () => {
    const first = await get<Page>('?limit=2');
    const second = await get<Page>(`?limit=2&cursor=${String(first.nextCursor)}`);
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([2, 1, null]);
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(3);
  });

  it('shows one with its event, and no personal data in the error', async () => {
    const { items } = await get<Page>('');
    const letter = await get<{ content: { subject: string }; error: { message: string } }>(`/${items[0]!.id}`);
    expect(letter.content.subject).toBe(items[0]!.key);
    expect(letter.error.message).not.toContain('mail@example.org');
  });

  it('replays: 409 while it fails, 200 once, 409 after that', async () => {
    const { items } = await get<Page>('');
    const { id } = items[0]!;
    expect((await post(`/${id}/replay`)).status).toBe(409);
    script.after = () => Promise.resolve();
    const replayed = await post(`/${id}/replay`);
    expect([replayed.status, await replayed.json()]).toEqual([200, { id, outcome: 'handled' }]);
    expect((await post(`/${id}/replay`)).status).toBe(409);
    expect(await effects(service.db)).toHaveLength(1);
  });

  it('answers 404 for an unknown one and 400 for what is none', async () => {
    const statuses = await Promise.all([
      fetch(`${url}/${randomUUID()}`),
      post(`/${randomUUID()}/replay`),
      fetch(`${url}/nonsense`),
      fetch(`${url}?limit=0`),
      fetch(`${url}?cursor=nonsense`),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([404, 404, 400, 400, 400]);
  });

  it('the command line lists and replays', async () => {
    script.after = () => Promise.resolve();
    const main = new URL('../../../tools/dead-letters/main.ts', import.meta.url).pathname;
    const base = url.replace('/dead-letters', '');
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, [main, ...args, '--service', 'scoring-engine', '--url', base]);
    const { items } = await get<Page>('');
    expect((await run('list')).stdout).toContain(items[0]!.id);
    expect((await run('replay', items[0]!.id)).stdout).toBe(`${items[0]!.id}: it had its effect now\n`);
    await expect(run('replay', items[0]!.id)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('409'),
    });
  });
});
