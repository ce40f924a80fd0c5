import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadEnv } from '@signalpress/service-defaults';
import { schema } from './env.js';

const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
const documented = [...example.matchAll(/^# ([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name = '', value = '']) => ({
  name,
  value,
}));
const databaseUrl = { DATABASE_URL: 'postgresql://signalpress@127.0.0.1:5432/signalpress' };

describe('.env.example', () => {
  it('names every variable that is read, and no other', () => {
    const names = documented.map(({ name }) => name).filter((name) => !name.startsWith('OTEL_'));
    expect(names.sort()).toEqual(Object.keys(schema.shape).sort());
  });

  it('shows the defaults', () => {
    const shown = Object.fromEntries(
      documented.filter(({ value }) => value !== '').map(({ name, value }) => [name, value]),
    );
    expect(loadEnv(schema, { ...shown, ...databaseUrl })).toEqual(loadEnv(schema, databaseUrl));
  });
});
