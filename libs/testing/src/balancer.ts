import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Backend {
  readonly url: string;
  ready: boolean;
  /** A look at it has not been answered yet. */
  asked: boolean;
}

export interface Balancer {
  readonly url: string;
  /** Adds an instance; it gets requests from when it is ready. */
  add(url: string): void;
  remove(url: string): void;
  readyCount(): number;
  close(): void;
}

/** Between two looks at readiness, in milliseconds, unless the caller says otherwise. */
const INTERVAL_MS = 100;

/** Headers that concern one connection and not the message (RFC 9110, 7.6.1). */
const connectionHeaders = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer'];

/**
 * A round-robin proxy that knows instances by `/health/ready` and nothing else. It keeps connections open, and it tries nothing
 * twice: what an instance loses is a failed request.
 *
 * @param port where it listens on 127.0.0.1; 0 takes a free one
 * @param intervalMs between two looks at readiness
 */
export async function startBalancer(port = 0, intervalMs = INTERVAL_MS): Promise<Balancer> {
  const backends = new Map<string, Backend>();
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 20 });
  let turn = 0;
  const look = async (backend: Backend): Promise<void> => {
    // One at a time: a late answer must not undo a newer one.
    if (backend.asked) return;
    backend.asked = true;
    try {
      const response = await fetch(`${backend.url}/health/ready`);
      await response.arrayBuffer();
      backend.ready = response.ok;
    } catch {
      backend.ready = false;
    } finally {
      backend.asked = false;
    }
  };
  const lookAtAll = (): void => {
    for (const backend of backends.values()) void look(backend);
  };
  const timer = setInterval(lookAtAll, intervalMs);
  const pick = (): Backend | undefined => {
    const ready = [...backends.values()].filter((backend) => backend.ready);
    turn += 1;
    return ready[turn % ready.length];
  };
  const server = createServer((incoming, outgoing) => pass(pick(), agent, incoming, outgoing)).listen(
    port,
    '127.0.0.1',
  );
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: (url) => void backends.set(url, { url, ready: false, asked: false }),
    remove: (url) => void backends.delete(url),
    readyCount: () => [...backends.values()].filter(({ ready }) => ready).length,
    close: () => {
      clearInterval(timer);
      agent.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

function pass(backend: Backend | undefined, agent: Agent, incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (backend === undefined) {
    outgoing.writeHead(503).end('no instance');
    return;
  }
  const headers = forwarded(incoming.headers);
  delete headers.host;
  const onward = request(
    `${backend.url}${incoming.url ?? '/'}`,
    { method: incoming.method, headers, agent },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, forwarded(answer.headers));
      answer.pipe(outgoing);
    },
  );
  onward.on('error', (error) => {
    if (!outgoing.headersSent) outgoing.writeHead(502);
    outgoing.end(String(error));
  });
  incoming.pipe(onward);
}

function forwarded(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !connectionHeaders.includes(name)));
}
