import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { tracePg, withSpan } from '@signalpress/observability';
import { collectSpans } from '@signalpress/testing';
import type { SpanCollection } from '@signalpress/testing';
import pg from 'pg';
import { createTestDatabase } from '../src/testing/index.js';
import type { TestDatabase } from '../src/testing/index.js';

describe('tracePg', () => {
  let server: TestDatabase;
  let collection: SpanCollection;
  let pool: pg.Pool;

  beforeAll(async () => {
    server = await createTestDatabase();
    collection = collectSpans();
  });

  beforeEach(async () => {
    pool = tracePg(new pg.Pool({ connectionString: server.url, max: 2 }), {
      schema: 'shop',
      attributes: { team: 'a' },
    });
    await pool.query('select 1');
  });

  afterEach(async () => {
    await pool.end();
    collection.reset();
  });

  afterAll(async () => {
    await collection.shutdown();
    await server.close();
  });

  const names = (): string[] => collection.spans().map(({ name }) => name);
  const queries = () => collection.spans().filter(({ name }) => name !== 'work' && name !== 'pg-pool.connect');

  it('makes a client span with the statement, without its values, literals and comments', async () => {
    await withSpan('work', {}, () =>
      pool.query("select relname, 'secret' from pg_class where relname = $1 limit 7 -- token", ['secret']),
    );
    const [query, work] = collection.spans();
    const url = new URL(server.url);
    expect(query).toMatchObject({ name: 'SELECT pg_class', kind: 'client', parentSpanId: work!.spanId });
    expect(query!.attributes).toEqual({
      'db.system.name': 'postgresql',
      'db.namespace': `${url.pathname.slice(1)}|shop`,
      'db.operation.name': 'SELECT',
      'db.query.summary': 'SELECT pg_class',
      'db.query.text': 'select relname, ? from pg_class where relname = $1 limit ?',
      'server.address': '127.0.0.1',
      'server.port': Number(url.port),
      team: 'a',
    });
  });

  it('makes none outside of a recorded span', async () => {
    await pool.query('select 1');
    const client = await pool.connect();
    await client.query('select 1');
    client.release();
    expect(collection.spans()).toEqual([]);
  });

  it('follows every form: promise, callback, configuration, prepared, and gives callbacks their context back', async () => {
    await withSpan('work', {}, async (work) => {
      expect((await pool.query<{ a: number }>({ text: 'select 1 as a' })).rows).toEqual([{ a: 1 }]);
      expect((await pool.query<number[]>({ text: 'select 2', rowMode: 'array', values: [] })).rows).toEqual([[2]]);
      await pool.query({ name: 'third', text: 'select $1::int', values: [3] });
      const client = await pool.connect();
      const config = { text: 'select 4', callback: () => undefined };
      await new Promise<void>((resolve) => {
        client.query('select 5', (error, result) => {
          expect([error, result.rowCount]).toEqual([null, 1]);
          withSpan('in callback', {}, () => undefined);
          resolve();
        });
      });
      await new Promise<void>((resolve) => {
        void client.query(Object.assign(config, { callback: () => resolve() }));
      });
      client.release();
      expect(work.isRecording()).toBe(true);
      await new Promise<void>((resolve) => pool.query('select $1::int', [6], () => resolve()));
    });
    const work = collection.spans().find(({ name }) => name === 'work');
    expect(queries().map(({ attributes }) => attributes['db.query.text'])).toEqual([
      'select ? as a',
      'select ?',
      'select $1::int',
      'select ?',
      undefined,
      'select ?',
      'select $1::int',
    ]);
    expect(queries().map(({ parentSpanId }) => parentSpanId)).toEqual(Array(7).fill(work!.spanId));
  });

  it('follows a Submittable, whose events stay as they are', async () => {
    const client = await pool.connect();
    await withSpan('work', {}, async () => {
      const rows: unknown[] = [];
      const query = client.query(new pg.Query('select generate_series(1, 3) as n'));
      query.on('row', (row: unknown) => rows.push(row));
      await new Promise((resolve) => query.once('end', resolve));
      expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
      const failing = client.query(new pg.Query('select nonsense'));
      await expect(new Promise((_, reject) => failing.once('error', reject))).rejects.toThrow('nonsense');
    });
    client.release();
    expect(queries().map(({ status }) => status.code)).toEqual(['unset', 'error']);
  });

  it('shows a transaction from BEGIN to COMMIT, and two at once apart', async () => {
    const transaction = (name: string): Promise<void> =>
      withSpan(name, {}, async () => {
        const client = await pool.connect();
        await client.query('begin');
        await client.query(`select '${name}' from pg_class limit 1`);
        await client.query('commit');
        client.release();
      });
    await Promise.all(['one', 'two', 'three'].map(transaction));
    for (const name of ['one', 'two', 'three']) {
      const { spanId } = collection.spans().find((span) => span.name === name)!;
      const children = collection.spans().filter(({ parentSpanId }) => parentSpanId === spanId);
      expect(children.map((child) => child.name).filter((child) => child !== 'pg-pool.connect')).toEqual([
        'BEGIN',
        'SELECT pg_class',
        'COMMIT',
      ]);
    }
  });

  it('shows who waits for a connection, and that pool.query() belongs to whoever asked and not to who gave one back', async () => {
    const busy = await Promise.all([pool.connect(), pool.connect()]);
    const waiting = withSpan('work', {}, () => pool.query('select 1'));
    await withSpan('other', {}, async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (const client of busy) client.release();
    });
    await waiting;
    const work = collection.spans().find(({ name }) => name === 'work')!;
    expect(names()).toEqual(['pg-pool.connect', 'other', 'SELECT', 'work']);
    expect(collection.spans().filter(({ parentSpanId }) => parentSpanId === work.spanId)).toHaveLength(2);
    expect(collection.spans()[0]!.durationMs).toBeGreaterThan(10);
  });

  it('records a failure with its SQLSTATE, and rejects as before', async () => {
    const failing = withSpan('work', {}, () => pool.query('select nonsense'));
    await expect(failing).rejects.toMatchObject({ code: '42703' });
    expect(queries()[0]).toMatchObject({
      status: { code: 'error' },
      attributes: { 'error.type': '42703', 'db.response.status_code': '42703' },
    });
    const away = tracePg(new pg.Pool({ host: '127.0.0.1', port: 1 }));
    await expect(withSpan('work', {}, () => away.query('select 1'))).rejects.toThrow('ECONNREFUSED');
    expect(collection.spans().find(({ name }) => name === 'pg-pool.connect')).toMatchObject({
      status: { code: 'error' },
      attributes: { 'error.type': 'ECONNREFUSED' },
    });
    await away.end();
  });

  it('follows a single client, once however often it is asked to, and leaves refusals to pg', async () => {
    const client = new pg.Client(server.url);
    expect(tracePg(tracePg(client))).toBe(client);
    await client.connect();
    await withSpan('work', {}, () => client.query('select 1'));
    expect(names()).toEqual(['SELECT', 'work']);
    expect(() => withSpan('work', {}, () => client.query(null as never))).toThrow(TypeError);
    expect(Object.keys(client)).not.toContain('query');
    expect(Object.hasOwn(pg.Client.prototype, 'query')).toBe(true);
    await client.end();
  });
});
