import { expect, it } from '@jest/globals';
import { loadEnv } from '@signalpress/service-defaults';
import { envExampleProblems } from '@signalpress/testing';
import { schema } from './env.js';

it('reads what .env.example documents, and starts with a copy of it', () => {
  const example = new URL('../.env.example', import.meta.url);
  expect(envExampleProblems(example, Object.keys(schema.shape), (given) => loadEnv(schema, given))).toEqual([]);
});
