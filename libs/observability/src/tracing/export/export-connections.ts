import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Socket } from 'node:net';
import { ROOT_CONTEXT, context, createContextKey } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { TlsFiles } from './export-environment.js';

/** Node publishes every connection that this process begins here. */
const SOCKETS_CHANNEL = 'net.client.socket';

/** The connections to the collector, and a way to be rid of them. */
export interface ExportConnections {
  /**
   * The context that exports run in. Nothing of a request that happens to be active is in it, as it would live as long as the
   * connection; nothing below it is traced; and by it connections are known as those of the export.
   */
  readonly context: Context;
  /** Makes the agent for `http:` or `https:`. */
  readonly agent: (protocol: string) => HttpAgent | HttpsAgent;
  /**
   * Breaks off what is open. Requests in flight fail with an error that the exporter does not retry, so that none of them keeps the
   * process alive.
   */
  abandon(): void;
  /** Stops looking at connections. */
  readonly close: () => void;
}

/** Connections that stay open between exports, with the certificates of `OTEL_EXPORTER_OTLP_*CERTIFICATE` and `*CLIENT_KEY`. */
export function exportConnections(tls: TlsFiles): ExportConnections {
  const key = createContextKey('signalpress export');
  const agents = new Set<HttpAgent | HttpsAgent>();
  const sockets = new Set<Socket>();
  // The exporter over gRPC takes no agent and does not show its connections.
  const onSocket = (message: unknown) => {
    if (context.active().getValue(key) !== true) return;
    const socket = socketOf(message);
    if (!socket) return;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  subscribe(SOCKETS_CHANNEL, onSocket);
  return {
    context: suppressTracing(ROOT_CONTEXT).setValue(key, true),
    agent: (protocol) => {
      const agent =
        protocol === 'https:' ? new HttpsAgent({ keepAlive: true, ...tls }) : new HttpAgent({ keepAlive: true });
      agents.add(agent);
      return agent;
    },
    abandon: () => {
      for (const agent of agents) refuse(agent);
      for (const socket of sockets) socket.destroy(goneError());
    },
    close: () => unsubscribe(SOCKETS_CHANNEL, onSocket),
  };
}

/** No `code`: the exporter retries those that it knows, and a retry is what must not happen any more. */
function goneError(): Error {
  return new Error('The export was abandoned at shutdown');
}

function refuse(agent: HttpAgent | HttpsAgent): void {
  agent.createConnection = () => {
    throw goneError();
  };
  for (const sockets of Object.values(agent.sockets)) {
    for (const socket of sockets ?? []) socket.destroy(goneError());
  }
  agent.destroy();
}

function socketOf(message: unknown): Socket | undefined {
  if (typeof message !== 'object' || message === null || !('socket' in message)) return undefined;
  return message.socket instanceof Socket ? message.socket : undefined;
}
