const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** One field of a protobuf message: its number and the value in the form its wire type has. */
export interface ProtobufField {
  number: number;
  value: bigint | Uint8Array;
}

/**
 * Reads the fields of one protobuf message (https://protobuf.dev/programming-guides/encoding/). Sub-messages, strings and
 * bytes come as bytes; all numbers as unsigned integers of their raw bits.
 *
 * @throws RangeError when the message ends inside a field; Error on a wire type that proto3 does not have.
 */
export function* readFields(message: Uint8Array): Generator<ProtobufField> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let position = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = view.getUint8(position++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('A varint has more than ten bytes');
  };
  while (position < message.byteLength) {
    const tag = Number(varint());
    const number = tag >>> 3;
    switch (tag & 7) {
      case wireTypes.varint:
        yield { number, value: varint() };
        break;
      case wireTypes.fixed64:
        yield { number, value: view.getBigUint64(position, true) };
        position += 8;
        break;
      case wireTypes.fixed32:
        yield { number, value: BigInt(view.getUint32(position, true)) };
        position += 4;
        break;
      case wireTypes.bytes: {
        const length = Number(varint());
        if (position + length > message.byteLength) throw new RangeError('The message ends inside a field');
        yield { number, value: message.subarray(position, position + length) };
        position += length;
        break;
      }
      default:
        throw new Error(`Unknown protobuf wire type ${tag & 7}`);
    }
  }
}

export const asBytes = (value: bigint | Uint8Array): Uint8Array => {
  if (typeof value === 'bigint') throw new Error('A number stands where bytes are due');
  return value;
};
export const asInteger = (value: bigint | Uint8Array): bigint => {
  if (typeof value !== 'bigint') throw new Error('Bytes stand where a number is due');
  return value;
};
export const asText = (value: bigint | Uint8Array): string => new TextDecoder().decode(asBytes(value));
export const asHex = (value: bigint | Uint8Array): string => Buffer.from(asBytes(value)).toString('hex');
/** The 64 raw bits as a signed integer (`int64`). */
export const asSigned = (value: bigint | Uint8Array): number => Number(BigInt.asIntN(64, asInteger(value)));
/** The 64 raw bits as a floating point number (`double`). */
export const asDouble = (value: bigint | Uint8Array): number => {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, asInteger(value));
  return view.getFloat64(0);
};
