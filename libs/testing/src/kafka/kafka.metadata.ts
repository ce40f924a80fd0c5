import { createConnection } from 'node:net';

const METADATA = 3;
const VERSION = 1;
const ANSWER_MS = 2_000;

/**
 * How many brokers the one on this port knows to be alive, by a Metadata request: a port that takes connections is not yet a
 * broker that answers.
 *
 * @throws Error when it does not answer.
 */
export function liveBrokers(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    let received = Buffer.alloc(0);
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer from 127.0.0.1:${port}`)));
    socket.on('connect', () => socket.write(metadataRequest()));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return;
      socket.destroy();
      // Size and correlation id stand before the array of brokers.
      resolve(received.readInt32BE(8));
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`127.0.0.1:${port} closed the connection`)));
  });
}

/** Metadata, version 1, of no topic. */
function metadataRequest(): Buffer {
  const client = Buffer.from('signalpress-testing');
  const body = Buffer.alloc(8 + 2 + client.length + 4);
  body.writeInt16BE(METADATA, 0);
  body.writeInt16BE(VERSION, 2);
  body.writeInt32BE(1, 4);
  body.writeInt16BE(client.length, 8);
  client.copy(body, 10);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}
