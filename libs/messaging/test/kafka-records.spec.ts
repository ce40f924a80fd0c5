import { randomBytes, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { Partitioners } from 'kafkajs';
import type { PartitionMetadata } from 'kafkajs';
import { openKafka } from '../src/transport/kafka/kafka.client.js';
import { partitionOf } from '../src/transport/kafka/kafka.partitioner.js';
import { readRecord } from '../src/transport/kafka/kafka.record-reader.js';
import type { BatchContext } from '../src/transport/kafka/kafka.record-reader.js';
import { writeRecord } from '../src/transport/kafka/kafka.record-writer.js';
import type { UnwrittenRecord } from '../src/transport/kafka/kafka.record-writer.js';

interface Encoder {
  readonly buffer: Buffer;
}

/** The library's own writer and reader of a record, which are none of its interface. */
const require = createRequire(import.meta.url);
const WRITER = 'kafkajs/src/protocol/recordBatch/record/v0';
const READER = `${WRITER}/decoder`;
const encode = require(WRITER) as (record: UnwrittenRecord) => Encoder;
const decode = require(READER) as typeof readRecord;
const Decoder = require('kafkajs/src/protocol/decoder.js') as new (
  buffer: Buffer,
) => Encoder & { readVarIntBytes(): Buffer };

const topics = { topicPrefix: '', partitions: 1, replicationFactor: 1 };
const text = (bytes: number): string => randomBytes(bytes).toString('latin1');
const far = { offsetDelta: 9_000, timestampDelta: 5_000_000_000 };
const usual: UnwrittenRecord = {
  key: 'k',
  value: '{"a":1}',
  headers: { ce_id: '1', ce_type: 'größe ☃' },
  offsetDelta: 0,
  timestampDelta: 0,
};

const records: readonly [string, UnwrittenRecord][] = [
  ['a usual one', usual],
  ['no headers', { ...usual, headers: {} }],
  ['nothing but a key', { key: 'k' }],
  ['no key and no value', { key: null, value: null, headers: {} }],
  ['empty texts', { ...usual, key: '', value: '', headers: { ce_id: '' } }],
  ['bytes', { ...usual, key: randomBytes(16), value: randomBytes(300), headers: { ce_id: randomBytes(70) } }],
  [
    'more than one byte a character',
    { ...usual, key: 'schlüssel', value: '"☃ 𝄞"', headers: { ce_subject: 'größe ☃', ce_ü: '' } },
  ],
  ['one at the first step of a number', { ...usual, offsetDelta: 63, timestampDelta: 64 }],
  ['one far from the first of its batch', { ...usual, ...far }],
  ['one before the first in time', { ...usual, timestampDelta: -5 }],
  ['repeated headers', { ...usual, headers: { two: ['a', 'b'], three: ['a', '', 'c'] } }],
  ['many headers', { ...usual, headers: Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`n${n}`, `${n}`])) }],
  ...[1, 62, 63, 64, 127, 128, 8_191, 8_192, 70_000, 262_144].map((bytes): [string, UnwrittenRecord] => [
    `a value of ${bytes} bytes`,
    {
      ...far,
      key: text(bytes % 200),
      value: text(bytes),
      headers: { [`ce_${bytes}`]: text(bytes), tracestate: text(bytes % 512) },
    },
  ]),
];

describe('records that are written', () => {
  it.each(records)('are what the library would have written: %s', (_, record) => {
    const { buf, buffer } = writeRecord(record);
    expect(buffer.equals(encode(record).buffer)).toBe(true);
    expect(buf.equals(buffer)).toBe(true);
  });

  it('are written so by the library, once it is opened', () => {
    openKafka({ kind: 'kafka', brokers: ['127.0.0.1:1'], ...topics }, 'spec', () => undefined);
    expect(require(WRITER)).toBe(writeRecord);
  });
});

describe('records that are read', () => {
  const context: BatchContext = {
    firstOffset: '41',
    firstTimestamp: '1790000000000',
    maxTimestamp: '1790000000777',
    timestampType: 0,
    magicByte: 2,
    isControlBatch: false,
  };
  const bodyOf = (record: UnwrittenRecord): Buffer => new Decoder(encode(record).buffer).readVarIntBytes();

  it.each<[string, UnwrittenRecord, Partial<BatchContext>]>([
    ...records.map(([name, record]): [string, UnwrittenRecord, Partial<BatchContext>] => [name, record, {}]),
    ['an offset that is no exact number', { ...usual, ...far }, { firstOffset: '9223372036854700000' }],
    ['the time of the broker', usual, { timestampType: 1 }],
    ['a control record', usual, { isControlBatch: true }],
  ])('are what the library would have read: %s', (_, record, besides) => {
    const body = bodyOf(record);
    const batch = { ...context, ...besides };
    const read = readRecord({ buffer: body }, batch);
    expect(read).toEqual(decode(new Decoder(body), batch));
    expect(Object.keys(read.headers)).toEqual(Object.keys(record.headers ?? {}));
  });

  it.each(['constructor', '__proto__'])('have a header %s, which the library takes for a repeated one', (name) => {
    const body = bodyOf({ ...usual, headers: Object.fromEntries([[name, '1']]) });
    const { headers } = readRecord({ buffer: body }, context);
    expect(Object.entries(headers)).toEqual([[name, Buffer.from('1')]]);
  });

  it('are read so by the library, once it is opened', () => {
    openKafka({ kind: 'kafka', brokers: ['127.0.0.1:1'], ...topics }, 'spec', () => undefined);
    expect(require(READER)).toBe(readRecord);
  });
});

describe('the partition of a key', () => {
  const ofLibrary = Partitioners.DefaultPartitioner();
  const metadata = (partitions: number): PartitionMetadata[] =>
    Array.from({ length: partitions }, (_, partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: 0,
      isr: [],
      replicas: [],
    }));

  it('is the one that the library, and so every other client, chooses', () => {
    const keys = ['', 'a', 'ab', 'abc', 'abcd', 'schlüssel ☃', ...Array.from({ length: 500 }, () => randomUUID())];
    for (const partitions of [1, 2, 7, 8, 12]) {
      for (const key of [...keys, ...Array.from({ length: 40 }, (_, bytes) => text(bytes))]) {
        const expected = ofLibrary({
          topic: 't',
          partitionMetadata: metadata(partitions),
          message: { key, value: null },
        });
        expect(partitionOf(key, partitions)).toBe(expected);
      }
    }
  });
});
