import { describe, expect, it } from '@jest/globals';
import { Statements, describeStatement, sanitizeSql } from './sql-statement.js';

const nameOf = (sql: string): string => describeStatement(sql).name;

describe('describeStatement', () => {
  it('names the operation and what it works on', () => {
    expect(nameOf('select "id" from "ideas" where "id" = $1')).toBe('SELECT ideas');
    expect(nameOf('insert into "ideas" ("id") values ($1)')).toBe('INSERT ideas');
    expect(nameOf('update "ideas" set "score" = $1')).toBe('UPDATE ideas');
    expect(nameOf('delete from only ideas')).toBe('DELETE ideas');
    expect(nameOf('  insert into "events"."log" values ($1)')).toBe('INSERT events.log');
    expect(nameOf('with old as (select 1) select * from ideas')).toBe('WITH ideas');
    expect(nameOf('/* from secret_table */ commit')).toBe('COMMIT');
    expect(nameOf('(select 1)')).toBe('SELECT');
    expect(nameOf('')).toBe('QUERY');
  });

  it('works each statement out once, and forgets', () => {
    const statements = new Statements({ shop: 'a' });
    expect(statements.of('select 1')).toBe(statements.of('select 1'));
    const first = statements.of('select 1');
    for (let index = 0; index < 500; index++) statements.of(`select ${'x'.repeat(index + 1)}`);
    expect(statements.of('select 1')).not.toBe(first);
    expect(statements.of('select 1')).toEqual(first);
  });
});

describe('sanitizeSql', () => {
  it.each([
    ['select * from a where x = $1 and y = $22', 'select * from a where x = $1 and y = $22'],
    ["select 'it''s secret', e'a\\'b', E'\\\\', U&'d\\0061', b'1', x'ff' from a", 'select ?, ?, ?, ?, ?, ? from a'],
    ['select $tag$secret $$ x$tag$, $$secret$$, a$b$c from t1', 'select ?, ?, a$b$c from t1'],
    ["select 'a\\', 'secret' from b", 'select ?, ? from b'],
    ['select 1, -2.5e10, .5, 0xFF, t1.c2 from t1 limit 10', 'select ?, -?, ?, ?, t1.c2 from t1 limit ?'],
    ["select a -- password='x'\n, b /* key: /* nested */ 'secret' */ from c", 'select a , b from c'],
    ['select "odd "" name\'s" from "t"', 'select "odd "" name\'s" from "t"'],
    ["select 'never closed, secret", 'select ?'],
    ['select $open$ secret', 'select ?'],
    ['select /* open secret', 'select'],
    ["select *\n  from a\n where x = 'y'", 'select * from a where x = ?'],
  ])('%s', (sql, safe) => {
    expect(sanitizeSql(sql)).toBe(safe);
  });

  it('bounds the text, and what it reads of one', () => {
    expect(sanitizeSql(`select ${'x, '.repeat(2_000)} y`)).toHaveLength(2_000);
    expect(sanitizeSql(`insert into a values ${"('secret'), ".repeat(100_000)}`)).not.toContain('secret');
  });

  it('takes no longer for nasty texts than for plain ones of the same length', () => {
    const timed = (sql: string): number => {
      const began = performance.now();
      for (let index = 0; index < 20; index++) sanitizeSql(sql);
      return performance.now() - began;
    };
    timed('x '.repeat(5_000));
    const plain = timed('x '.repeat(5_000)) + 1;
    for (const nasty of ['/*', "'", '$a$', '"', "e'\\", '1.', '$'])
      expect(timed(nasty.repeat(10_000 / nasty.length))).toBeLessThan(plain * 50);
  });
});
