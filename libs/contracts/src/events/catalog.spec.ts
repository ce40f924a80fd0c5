import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { eventCatalog, eventEnvelope, eventTypes, schemaMajor, schemaName } from '../index.js';

const examples = new URL('../../examples/', import.meta.url);

describe('event catalogue', () => {
  it.each(eventTypes)('%s: its example is valid and its key is a field that names something', (type) => {
    const definition = eventCatalog[type];
    const data: Record<string, unknown> = definition.schema.parse(definition.example);
    expect(data[definition.key]).toEqual(expect.stringMatching(/.+/));
  });

  it.each(eventTypes)('%s: unknown fields of a newer producer are ignored', (type) => {
    const { schema, example } = eventCatalog[type];
    const newer = { ...example, addedLater: { anything: true } };
    expect(schema.parse(newer)).toEqual(schema.parse(example));
  });

  it.each(eventTypes)('%s: the current version has a released example file', (type) => {
    const { version, example } = eventCatalog[type];
    const released: unknown = JSON.parse(readFileSync(new URL(`${type}/${version}.json`, examples), 'utf8'));
    expect(released).toEqual(example);
  });

  it.each(releasedExamples())('%s %s stays readable', (type, version) => {
    const definition = Object.entries(eventCatalog).find(([name]) => name === type)?.[1];
    expect(definition).toBeDefined();
    const data: unknown = JSON.parse(readFileSync(new URL(`${type}/${version}.json`, examples), 'utf8'));
    expect(definition?.schema.safeParse(data).error).toBeUndefined();
  });

  it('refuses data that lacks a required field, naming it', () => {
    const result = eventCatalog['ideas.decided'].schema.safeParse({ decision: 'approved' });
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toContain('ideaId');
  });
});

describe('envelope', () => {
  const envelope = {
    specversion: '1.0',
    id: '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1a01',
    type: 'signals.ingested',
    source: '/signalpress/signal-ingestion',
    subject: 'key',
    time: '2026-05-04T09:30:00.000Z',
    datacontenttype: 'application/json',
    dataschema: schemaName('signals.ingested', '1.0'),
    data: {},
  };

  it('takes a CloudEvents 1.0 envelope with trace context', () => {
    const traced = { ...envelope, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    expect(eventEnvelope.parse(traced)).toEqual(traced);
  });

  it.each(['specversion', 'id', 'type', 'source', 'subject', 'time', 'dataschema'])(
    'refuses one without %s',
    (field) => {
      const broken = Object.fromEntries(Object.entries(envelope).filter(([name]) => name !== field));
      expect(eventEnvelope.safeParse(broken).success).toBe(false);
    },
  );

  it('tells the major version of a schema name', () => {
    expect(schemaMajor('signalpress:ideas.scored:12.3')).toBe(12);
    expect(schemaMajor('something else')).toBeUndefined();
  });
});

function releasedExamples(): string[][] {
  return readdirSync(examples).flatMap((type) =>
    readdirSync(new URL(`${type}/`, examples)).map((file) => [type, file.replace(/\.json$/, '')]),
  );
}
