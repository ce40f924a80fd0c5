import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import type { RunningServer } from '../serve.js';
import type { CollectorState, CollectorTls } from './otlp-sink.js';

const passThrough = (bytes: Buffer): Buffer => bytes;

/** `TraceService/Export` of opentelemetry-proto; messages stay bytes, so that no generated code is needed. */
const traceService = {
  export: {
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: passThrough,
    requestDeserialize: passThrough,
    responseSerialize: passThrough,
    responseDeserialize: passThrough,
  },
};

/** OTLP/gRPC, over TLS when there is a certificate. */
export async function startGrpcCollector(state: CollectorState, tls?: CollectorTls): Promise<RunningServer> {
  const server = new Server();
  server.addService(traceService, {
    export: (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => answer(call, reply, state),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentialsOf(tls), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    close: () => {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

function credentialsOf(tls?: CollectorTls): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure();
  const { certificate, key, clientCa } = tls;
  const pair = { cert_chain: Buffer.from(certificate), private_key: Buffer.from(key) };
  return ServerCredentials.createSsl(
    clientCa === undefined ? null : Buffer.from(clientCa),
    [pair],
    clientCa !== undefined,
  );
}

function answer(call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>, state: CollectorState): void {
  const { behaviour } = state;
  if (behaviour === 'hang') {
    state.refused();
    return;
  }
  if (behaviour === 'drop') {
    state.refused();
    reply({ code: status.UNAVAILABLE, details: 'the collector breaks off' });
    return;
  }
  if (behaviour !== 'accept' && 'status' in behaviour) {
    state.refused();
    const retryable = behaviour.status === 429 || behaviour.status >= 500;
    reply({ code: retryable ? status.UNAVAILABLE : status.INVALID_ARGUMENT, details: `status ${behaviour.status}` });
    return;
  }
  const accept = () => {
    try {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(call.metadata.getMap())) headers[name] = value.toString();
      state.received('grpc', state.read(call.request), headers);
      reply(null, Buffer.alloc(0));
    } catch (error) {
      state.refused();
      reply({ code: status.INVALID_ARGUMENT, details: String(error) });
    }
  };
  if (behaviour === 'accept') {
    accept();
    return;
  }
  const timer = setTimeout(accept, behaviour.delayMs);
  state.closed.addEventListener('abort', () => clearTimeout(timer), { once: true });
}
