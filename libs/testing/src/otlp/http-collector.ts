import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { readBody } from '../read-body.js';
import { serve } from '../serve.js';
import type { RunningServer } from '../serve.js';
import type { CollectorState } from './otlp-sink.js';
import { decodeTraceRequest } from './trace-request.js';

/** OTLP/HTTP with binary protobuf bodies at `/v1/traces`, plain or gzip. */
export async function startHttpCollector(state: CollectorState): Promise<RunningServer> {
  return serve(
    createServer((request, response) => {
      answer(request, response, state).catch((error: unknown) => {
        state.refused();
        response.writeHead(400).end(String(error));
      });
    }),
  );
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
  const spans = decodeTraceRequest(body);
  if (behaviour !== 'accept') await sleep(behaviour.delayMs, undefined, { signal: state.closed });
  state.received('http/protobuf', spans, flatHeaders(request));
  // An ExportTraceServiceResponse without partial success is an empty message.
  response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
}

function flatHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
}
