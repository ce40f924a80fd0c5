import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { withSpan } from '@signalpress/observability';
import { collectSpans } from '@signalpress/testing';
import type { SpanCollection } from '@signalpress/testing';
import { Database, sql } from '../src/index.js';
import type { DatabaseOptions } from '../src/index.js';
import { createTestDatabase } from '../src/testing/index.js';
import type { TestDatabase } from '../src/testing/index.js';

interface Tables {
  ideas: { id: number; phrase: string };
}

describe('query spans', () => {
  let server: TestDatabase;
  let db: Database<Tables>;
  let collection: SpanCollection;

  beforeAll(async () => {
    server = await createTestDatabase();
    const options: DatabaseOptions = { databaseUrl: server.url, schema: 'spans', applicationName: 'spec' };
    db = new Database<Tables>(options);
    await sql`create schema spans`.execute(db.kysely);
    await sql`create table ideas (id int primary key, phrase text)`.execute(db.kysely);
    collection = collectSpans();
  });

  afterEach(() => collection.reset());

  afterAll(async () => {
    await collection.shutdown();
    await db.close();
    await server.close();
  });

  it('are clients of the active span, with the text and without the values', async () => {
    await withSpan('work', {}, () =>
      db.kysely.selectFrom('ideas').selectAll().where('phrase', '=', 'a secret').execute(),
    );
    const [query, work] = collection.spans();
    expect(work).toMatchObject({ name: 'work' });
    expect(query).toMatchObject({
      name: 'SELECT ideas',
      kind: 'client',
      traceId: work!.traceId,
      parentSpanId: work!.spanId,
    });
    const url = new URL(server.url);
    expect(query!.attributes).toEqual({
      'db.system.name': 'postgresql',
      'db.namespace': `${url.pathname.slice(1)}|spans`,
      'db.operation.name': 'SELECT',
      'db.query.summary': 'SELECT ideas',
      'db.query.text': 'select * from "ideas" where "phrase" = $1',
      'server.address': '127.0.0.1',
      'server.port': Number(url.port),
    });
  });

  it('show a transaction from BEGIN to COMMIT', async () => {
    await withSpan('work', {}, () =>
      db.transaction((tx) => tx.insertInto('ideas').values({ id: 1, phrase: 'x' }).execute()),
    );
    expect(collection.spans().map(({ name }) => name)).toEqual(['BEGIN', 'INSERT ideas', 'COMMIT', 'work']);
  });

  it('record the failure of a statement', async () => {
    const failing = withSpan('work', {}, () => sql`select nonsense from ideas`.execute(db.kysely));
    await expect(failing).rejects.toThrow('nonsense');
    expect(collection.spans()[0]).toMatchObject({ name: 'SELECT ideas', status: { code: 'error' } });
  });

  it('are not made where nothing is active', async () => {
    await db.ping();
    await db.kysely.selectFrom('ideas').selectAll().execute();
    expect(collection.spans()).toEqual([]);
  });
});
