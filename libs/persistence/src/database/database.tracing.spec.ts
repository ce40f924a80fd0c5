import { describe, expect, it } from '@jest/globals';
import { describeStatement } from './database.tracing.js';

const nameOf = (sql: string): string => describeStatement(sql).name;
const textOf = (sql: string): unknown => describeStatement(sql).attributes['db.query.text'];

describe('describeStatement', () => {
  it('names the operation and what it works on', () => {
    expect(nameOf('select "id" from "ideas" where "id" = $1')).toBe('SELECT ideas');
    expect(nameOf('insert into "ideas" ("id") values ($1)')).toBe('INSERT ideas');
    expect(nameOf('update "ideas" set "score" = $1')).toBe('UPDATE ideas');
    expect(nameOf('delete from only ideas')).toBe('DELETE ideas');
    expect(nameOf('  insert into "events"."log" values ($1)')).toBe('INSERT events.log');
    expect(nameOf('with old as (select 1) select * from ideas')).toBe('WITH ideas');
    expect(nameOf('commit')).toBe('COMMIT');
    expect(nameOf('(select 1)')).toBe('SELECT');
    expect(nameOf('')).toBe('QUERY');
  });

  it('keeps placeholders and takes string literals out', () => {
    expect(textOf('select * from a where x = $1')).toBe('select * from a where x = $1');
    expect(textOf("select 'it''s secret', e'a\\'b', $tag$secret$tag$ from a")).toBe('select ?, e?, ? from a');
    expect(textOf("select *\n  from a\n where x = 'y'")).toBe('select * from a where x = ?');
  });

  it('bounds the text', () => {
    expect(textOf(`select ${'x, '.repeat(2_000)} y`)).toHaveLength(2_000);
  });
});
