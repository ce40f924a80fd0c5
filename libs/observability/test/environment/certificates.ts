import { expect } from '@jest/globals';
import type { OtlpSink } from '@signalpress/testing';
import { exportedWith, refuses } from './harness.js';
import type { Check, Variables } from './harness.js';
import { selfSigned } from './self-signed.js';
import type { SelfSigned } from './self-signed.js';

const protocols = ['http/protobuf', 'grpc'] as const;
const missing = '/nowhere/at/all.pem';

/** How many spans a collector with TLS takes, per protocol. It asks for a client's certificate where there is one to ask for. */
async function taken(variables: Variables, server: SelfSigned, client?: SelfSigned): Promise<number[]> {
  const counts: number[] = [];
  for (const protocol of protocols) {
    const url = (sink: OtlpSink) => (protocol === 'grpc' ? sink.grpcUrl : sink.httpUrl);
    const { spans } = await exportedWith(
      (sink) => ({
        OTEL_EXPORTER_OTLP_ENDPOINT: url(sink),
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_TIMEOUT: '700',
        ...variables,
      }),
      {
        tls: {
          certificate: server.certificate,
          key: server.key,
          ...(client ? { clientCa: client.certificate } : {}),
        },
      },
    );
    counts.push(spans.length);
  }
  return counts;
}

async function trustsServer(variable: string, others: (wrong: SelfSigned) => Variables): Promise<void> {
  const server = selfSigned('collector');
  const wrong = selfSigned('somebody else');
  expect(await taken({ ...others(wrong), [variable]: server.certificateFile }, server)).toEqual([1, 1]);
  expect(await taken({ ...others(wrong), [variable]: wrong.certificateFile }, server)).toEqual([0, 0]);
  refuses(variable, [missing]);
}

async function showsClient(prefix: string, others: (wrong: SelfSigned) => Variables): Promise<void> {
  const [server, client, wrong] = [selfSigned('collector'), selfSigned('service'), selfSigned('somebody else')];
  const shown = (shownClient: SelfSigned) => ({
    ...others(wrong),
    OTEL_EXPORTER_OTLP_CERTIFICATE: server.certificateFile,
    [`${prefix}_CLIENT_CERTIFICATE`]: shownClient.certificateFile,
    [`${prefix}_CLIENT_KEY`]: shownClient.keyFile,
  });
  expect(await taken(shown(client), server, client)).toEqual([1, 1]);
  expect(await taken(shown(wrong), server, client)).toEqual([0, 0]);
}

const general = () => ({});
const nobody = (wrong: SelfSigned) => ({
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: wrong.certificateFile,
  OTEL_EXPORTER_OTLP_CLIENT_KEY: wrong.keyFile,
});

/** Rows about certificates: against a collector that speaks TLS. */
export const certificates: Readonly<Record<string, Check>> = {
  OTEL_EXPORTER_OTLP_CERTIFICATE: () => trustsServer('OTEL_EXPORTER_OTLP_CERTIFICATE', general),

  OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: () =>
    trustsServer('OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE', (wrong) => ({
      OTEL_EXPORTER_OTLP_CERTIFICATE: wrong.certificateFile,
    })),

  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: async () => {
    await showsClient('OTEL_EXPORTER_OTLP', general);
    const { keyFile } = selfSigned('service');
    refuses('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', [missing, ''], { OTEL_EXPORTER_OTLP_CLIENT_KEY: keyFile });
  },

  OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: async () => {
    await showsClient('OTEL_EXPORTER_OTLP_TRACES', nobody);
    refuses('OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE', [missing]);
  },

  OTEL_EXPORTER_OTLP_CLIENT_KEY: async () => {
    await showsClient('OTEL_EXPORTER_OTLP', general);
    const { certificateFile } = selfSigned('service');
    refuses('OTEL_EXPORTER_OTLP_CLIENT_KEY', [missing, ''], { OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: certificateFile });
  },

  OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: async () => {
    await showsClient('OTEL_EXPORTER_OTLP_TRACES', nobody);
    refuses('OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY', [missing]);
  },
};
