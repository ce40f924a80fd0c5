import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** Telemetry of a spec is small; more is a mistake in the spec. */
const maxBodyBytes = 16 * 1024 * 1024;

/** The whole body of a request, unpacked if it is gzip. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.byteLength;
    if (length > maxBodyBytes) throw new Error(`The body is longer than ${maxBodyBytes} bytes`);
    chunks.push(bytes);
  }
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body, { maxOutputLength: maxBodyBytes }) : body;
}
