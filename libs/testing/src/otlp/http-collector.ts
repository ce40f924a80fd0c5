import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { readBody } from '../read-body.js';
import { serve } from '../serve.js';
import type { RunningServer } from '../serve.js';
import type { CollectorState, CollectorTls } from './otlp-sink.js';

/** OTLP/HTTP with binary protobuf bodies at `/v1/traces`, plain or gzip, over TLS when there is a certificate. */
export async function startHttpCollector(state: CollectorState, tls?: CollectorTls): Promise<RunningServer> {
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response, state).catch((error: unknown) => {
      state.refused();
      response.writeHead(400).end(String(error));
    });
  };
  if (!tls) return serve(createServer(listener));
  const { certificate: cert, key, clientCa } = tls;
  const clients = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  return serve(createTlsServer({ cert, key, ...clients }, listener), 'https');
}

async function answer(request: IncomingMessage, response: ServerResponse, state: CollectorState): Promise<void> {
  const body = await readBody(request);
  const { behaviour } = state;
  if (behaviour === 'drop') {
    state.refused();
    request.socket.destroy();
    return;
  }
  if (behaviour === 'hang') {
    state.refused();
    return;
  }
  if (request.method !== 'POST' || request.url !== '/v1/traces') {
    response.writeHead(404).end();
    return;
  }
  if (behaviour !== 'accept' && 'status' in behaviour) {
    state.refused();
    response.writeHead(behaviour.status).end();
    return;
  }
  if (request.headers['content-type'] !== 'application/x-protobuf') {
    state.refused();
    response.writeHead(415).end();
    return;
  }
  const batch = state.read(body);
  if (behaviour !== 'accept') await sleep(behaviour.delayMs, undefined, { signal: state.closed });
  state.received('http/protobuf', batch, flatHeaders(request));
  // An ExportTraceServiceResponse without partial success is an empty message.
  response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
}

function flatHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
}
