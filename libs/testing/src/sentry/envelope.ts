/** A JSON object of unknown content. */
export type JsonObject = Record<string, unknown>;

export interface EnvelopeItem {
  /** `event`, `transaction`, `session`, `client_report`, … */
  type: string;
  /** The parsed payload, or the bytes of one that is not JSON (an attachment). */
  payload: JsonObject | Buffer;
}

const newline = 0x0a;

/**
 * Parses a Sentry envelope (https://develop.sentry.dev/sdk/data-model/envelopes/): a header line, then for each item a header
 * line and a payload, which ends at the header's `length` or else at the next line.
 *
 * @throws SyntaxError when a header is not JSON.
 */
export function parseEnvelope(bytes: Buffer): { header: JsonObject; items: EnvelopeItem[] } {
  let position = 0;
  const line = (): Buffer => {
    const end = bytes.indexOf(newline, position);
    const stop = end === -1 ? bytes.length : end;
    const text = bytes.subarray(position, stop);
    position = stop + 1;
    return text;
  };
  const header = parseObject(line());
  const items: EnvelopeItem[] = [];
  while (position < bytes.length) {
    const headerLine = line();
    if (headerLine.length === 0) continue;
    const itemHeader = parseObject(headerLine);
    const length = itemHeader['length'];
    let payload: Buffer;
    if (typeof length === 'number') {
      payload = bytes.subarray(position, position + length);
      position += length + 1;
    } else {
      payload = line();
    }
    const type = typeof itemHeader['type'] === 'string' ? itemHeader['type'] : 'unknown';
    items.push({ type, payload: type === 'attachment' ? payload : parseObject(payload) });
  }
  return { header, items };
}

function parseObject(bytes: Buffer): JsonObject {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  return isObject(value) ? value : {};
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
