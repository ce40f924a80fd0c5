import type * as ExporterBaseModule from '@opentelemetry/otlp-exporter-base';
import type * as HttpExporterModule from '@opentelemetry/otlp-exporter-base/node-http';
import type * as GrpcExporterModule from '@opentelemetry/otlp-grpc-exporter-base';
import type * as TransformerModule from '@opentelemetry/otlp-transformer';
import type { IExportTraceServiceResponse, IExporterMetricsHelper, ISerializer } from '@opentelemetry/otlp-transformer';
import type { ExportEnvironment } from '../environment.js';
import type { ExportConnections } from './export-connections.js';

import type { EncodedSpans } from './otlp/encoded-spans.js';

/** Where OTLP over gRPC takes traces. */
const GRPC_METHOD = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

// What reads the variables of the exporters is marked as legacy, and there is no other way to have them read alike.
/* eslint-disable @typescript-eslint/no-deprecated */

/** Sends batches; it never throws. */
export type SpanExporter = ExporterBaseModule.OTLPExporterBase<EncodedSpans>;

const counting: IExporterMetricsHelper<EncodedSpans> = { name: 'span', countItems: (batch) => batch.size };

/** The SDK's exporter of the protocol, with its transport, retries and variables, for spans that are encoded already. */
export function createSpanExporter(
  load: NodeJS.Require,
  { protocol }: ExportEnvironment,
  connections: ExportConnections,
): SpanExporter {
  const { OTLPExporterBase } = load('@opentelemetry/otlp-exporter-base') as typeof ExporterBaseModule;
  const { ProtobufTraceSerializer } = load('@opentelemetry/otlp-transformer') as typeof TransformerModule;
  const serializer: ISerializer<EncodedSpans, IExportTraceServiceResponse> = {
    serializeRequest: (batch) => batch.request(),
    deserializeResponse: (data) => ProtobufTraceSerializer.deserializeResponse(data),
  };
  if (protocol === 'grpc') {
    const grpc = load('@opentelemetry/otlp-grpc-exporter-base') as typeof GrpcExporterModule;
    return new OTLPExporterBase(
      grpc.createOtlpGrpcExportDelegate(
        grpc.convertLegacyOtlpGrpcOptions({}, 'TRACES'),
        serializer,
        'otlp_grpc_span_exporter',
        counting,
        undefined,
        'TraceExportService',
        GRPC_METHOD,
      ),
    );
  }
  const http = load('@opentelemetry/otlp-exporter-base/node-http') as typeof HttpExporterModule;
  const options = http.convertLegacyHttpOptions({ httpAgentOptions: connections.agent }, 'TRACES', 'v1/traces', {
    'Content-Type': 'application/x-protobuf',
  });
  return new OTLPExporterBase(
    http.createOtlpHttpExportDelegate(options, serializer, 'otlp_http_span_exporter', counting, undefined),
  );
}
