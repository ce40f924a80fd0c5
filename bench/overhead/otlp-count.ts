const LENGTH_DELIMITED = 2;

/**
 * Counts the spans of an `ExportTraceServiceRequest`: `resource_spans = 1`, in it `scope_spans = 2`, in it `spans = 2`. Spans
 * themselves are skipped by their length.
 *
 * @throws Error when the bytes are no such message.
 */
export function countSpans(message: Uint8Array): number {
  let spans = 0;
  eachField(message, 0, message.length, 1, (resourceFrom, resourceTo) => {
    eachField(message, resourceFrom, resourceTo, 2, (scopeFrom, scopeTo) => {
      eachField(message, scopeFrom, scopeTo, 2, () => {
        spans += 1;
      });
    });
  });
  return spans;
}

function eachField(
  message: Uint8Array,
  from: number,
  to: number,
  wanted: number,
  visit: (from: number, to: number) => void,
): void {
  let at = from;
  const varint = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = message[at];
      at += 1;
      if (byte === undefined || at > to) throw new Error('the message ends within a field');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  };
  while (at < to) {
    const key = varint();
    // Of the other wire types only varints occur at these three levels (none today).
    if ((key & 7) !== LENGTH_DELIMITED) {
      if ((key & 7) !== 0) throw new Error(`wire type ${key & 7} where only lengths and varints belong`);
      varint();
      continue;
    }
    const length = varint();
    if (at + length > to) throw new Error('a field is longer than its message');
    if (key >> 3 === wanted) visit(at, at + length);
    at += length;
  }
}
