import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** One call as it went over the wire. */
export interface RecordedCall {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: string;
  readonly startedAt: number;
  /** Undefined while there is no answer. */
  status?: number;
  endedAt?: number;
  readonly retryAfter?: string;
}

const longestBody = 100_000;

/** Stands between a caller and a server and writes down every call; it changes nothing. */
export class Recorder {
  readonly calls: RecordedCall[] = [];
  private readonly server: Server;
  private readonly target: string;

  constructor(target: string) {
    this.target = target;
    this.server = createServer((incoming, outgoing) => this.pass(incoming, outgoing));
  }

  async listen(port: number): Promise<void> {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const call: RecordedCall = {
        method: incoming.method ?? 'GET',
        url: incoming.url ?? '/',
        body: body.byteLength > longestBody ? '' : body.toString(),
        startedAt: performance.now(),
      };
      this.calls.push(call);
      const headers = { ...incoming.headers };
      delete headers.host;
      const onward = request(`${this.target}${call.url}`, { method: call.method, headers }, (answer) => {
        call.status = answer.statusCode ?? 0;
        call.endedAt = performance.now();
        outgoing.writeHead(call.status, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      outgoing.on('close', () => onward.destroy());
      onward.end(body);
    });
  }
}
