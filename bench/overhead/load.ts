import { connect } from 'node:net';
import type { Socket } from 'node:net';

export interface Load {
  /** Requests that were answered with 200. */
  readonly requests: number;
  readonly seconds: number;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const OK = Buffer.from('HTTP/1.1 200');
const LENGTH = Buffer.from('ontent-length: ');

export interface LoadPlan {
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
  /** Goes on until so many are answered, so that a service without a core for itself is as warm as one with; ten times `seconds` at most. */
  readonly atLeast: number;
  /** This process has a core of its own and never lets it rest: see {@link stayAwake}. */
  readonly awake: boolean;
}

/** Shared by the connections of one load. */
interface Progress {
  answered: number;
  readonly goesOn: () => boolean;
}

/**
 * A closed loop over keep-alive connections: each sends its next request when the answer has come. Raw sockets, because a client
 * that costs more than the service would be what is measured. Ends with every request answered.
 *
 * @throws Error on any answer but 200, or when a connection breaks.
 */
export async function closedLoop(port: number, plan: LoadPlan): Promise<Load> {
  const { path, connections, seconds, atLeast, awake } = plan;
  const request = Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: application/json\r\nUser-Agent: overhead\r\n\r\n`,
  );
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1_000;
  const progress: Progress = {
    answered: 0,
    goesOn: () => elapsed() < seconds || (progress.answered < atLeast && elapsed() < 10 * seconds),
  };
  const rest = awake ? stayAwake() : undefined;
  try {
    await Promise.all(Array.from({ length: connections }, () => oneConnection(port, request, progress)));
  } finally {
    rest?.();
  }
  return { requests: progress.answered, seconds: elapsed() };
}

/**
 * A load that sleeps until the next answer has to be woken by it, and that is paid by the service: on a virtual machine as much as a
 * quarter of the bare one's CPU, more or less of it by how long each variant lets the load wait.
 *
 * @returns a function that ends it
 */
function stayAwake(): () => void {
  let awake = true;
  const turn = (): void => {
    if (awake) setImmediate(turn);
  };
  turn();
  return () => {
    awake = false;
  };
}

/** Exactly `count` requests, one after the other: for checks. */
export async function sendExactly(port: number, path: string, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  }
}

function oneConnection(port: number, request: Buffer, progress: Progress): Promise<void> {
  return new Promise((resolve, reject) => {
    let rest: Buffer | undefined;
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the service closed a connection')));
    socket.on('connect', () => socket.write(request));
    socket.on('data', (chunk: Buffer) => {
      const data = rest ? Buffer.concat([rest, chunk]) : chunk;
      const length = responseLength(data);
      if (length === undefined || data.length < length) {
        rest = data;
        return;
      }
      rest = undefined;
      if (data.compare(OK, 0, OK.length, 0, OK.length) !== 0 || data.length !== length) {
        reject(new Error(`unexpected answer: ${data.toString('latin1', 0, 200)}`));
        socket.destroy();
        return;
      }
      progress.answered += 1;
      if (progress.goesOn()) {
        socket.write(request);
      } else {
        socket.removeAllListeners('close');
        socket.end();
        resolve();
      }
    });
  });
}

/** Length of head and body; undefined while the head is not complete. */
function responseLength(data: Buffer): number | undefined {
  const endOfHead = data.indexOf(END_OF_HEAD);
  if (endOfHead < 0) return undefined;
  const at = data.indexOf(LENGTH);
  if (at < 0 || at > endOfHead) throw new Error('an answer without content-length');
  let length = 0;
  for (let index = at + LENGTH.length; ; index += 1) {
    const digit = (data[index] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  return endOfHead + END_OF_HEAD.length + length;
}
