import { randomBytes, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { Partitioners } from 'kafkajs';
import type { PartitionMetadata } from 'kafkajs';
import type { KafkaMessage } from '../src/transport/kafka/kafka.message.js';
import { partitionOf } from '../src/transport/kafka/kafka.partitioner.js';
import { packed, recordsCodec } from '../src/transport/kafka/kafka.records.js';

interface Encoder {
  readonly buffer: Buffer;
}
interface LibraryRecord {
  readonly key: string;
  readonly value: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly offsetDelta: number;
  readonly timestampDelta: number;
}

/** The library's own encoder of a record, which is none of its interface. */
const encode = createRequire(import.meta.url)('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (
  record: LibraryRecord,
) => Encoder;

const places = [
  { offsetDelta: 0, timestampDelta: 0 },
  { offsetDelta: 63, timestampDelta: 64 },
  { offsetDelta: 9_000, timestampDelta: 5_000_000_000 },
];

function asTheLibraryDoes(messages: readonly KafkaMessage[]): Buffer {
  return Buffer.concat(messages.map((message, index) => encode({ ...message, ...placeOf(index) }).buffer));
}

function asWeDo(messages: readonly KafkaMessage[]): Promise<Buffer> {
  const records = messages.map((message, index) =>
    encode({ key: message.key, value: packed(message), ...placeOf(index) }),
  );
  return recordsCodec.compress({ buffer: Buffer.concat(records.map(({ buffer }) => buffer)) });
}

const placeOf = (index: number): (typeof places)[number] =>
  places[index % places.length] ?? { offsetDelta: 0, timestampDelta: 0 };
const text = (bytes: number): string => randomBytes(bytes).toString('latin1');

describe('records with packed headers', () => {
  it.each<[string, KafkaMessage[]]>([
    ['one', [{ key: 'k', value: '{"a":1}', headers: { ce_id: '1', ce_type: 'listings.observed' } }]],
    ['no headers', [{ key: 'k', value: 'null', headers: {} }]],
    ['empty texts', [{ key: '', value: '', headers: { ce_id: '' } }]],
    [
      'more than one byte a character',
      [{ key: 'schlüssel', value: '"☃ 𝄞"', headers: { ce_subject: 'größe ☃', ce_ü: '' } }],
    ],
    [
      'lengths on both sides of each step',
      [0, 1, 62, 63, 64, 127, 128, 8_191, 8_192, 70_000, 262_144].map((bytes) => ({
        key: text(bytes % 200),
        value: text(bytes),
        headers: { [`ce_${bytes}`]: text(bytes), tracestate: text(bytes % 512) },
      })),
    ],
    [
      'many headers',
      [
        {
          key: 'k',
          value: '1',
          headers: Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`ce_n${n}`, `${n}`])),
        },
      ],
    ],
  ])('are what the library would have written: %s', async (_, messages) => {
    expect((await asWeDo(messages)).equals(asTheLibraryDoes(messages))).toBe(true);
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
