import http from 'node:http';
import https from 'node:https';
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { makeNodeTransport } from '@sentry/nestjs';
import type { ErrorSinkDrop } from './sentry.js';

/** Reports under way at most; a further one is dropped. */
const MOST_UNDER_WAY = 32;
/** A server that has not answered by then is given up (milliseconds), so that it does not hold its place for ever. */
const REQUEST_TIMEOUT_MS = 5_000;

type NodeTransportOptions = Parameters<typeof makeNodeTransport>[0];
type HttpModule = NonNullable<NodeTransportOptions['httpModule']>;
type Transport = ReturnType<typeof makeNodeTransport>;

/** Why Sentry's transport drops an event, in our words. */
const reasons: Readonly<Record<string, ErrorSinkDrop>> = {
  queue_overflow: 'queue-full',
  network_error: 'network',
  ratelimit_backoff: 'backoff',
  send_error: 'refused',
};

export interface BoundedTransport {
  readonly create: (options: NodeTransportOptions) => Transport;
  /** Envelopes that are under way. */
  pending(): number;
}

/** Sentry's transport for Node with a bound on requests and their time, that is never traced and tells what it loses. */
export function boundedTransport(onDrop: (reason: ErrorSinkDrop, count: number) => void): BoundedTransport {
  let pending = 0;
  const settled = (): void => {
    pending -= 1;
  };
  return {
    pending: () => pending,
    create: (options) => {
      const native = new URL(options.url).protocol === 'https:' ? https : http;
      const transport = makeNodeTransport({
        ...options,
        bufferSize: MOST_UNDER_WAY,
        httpModule: timeLimited(native, (status) => {
          // 413 is told by the SDK itself.
          if (status >= 300 && status !== 413) onDrop('refused', 1);
        }),
        recordDroppedEvent: (reason, category, count) => {
          options.recordDroppedEvent(reason, category, count);
          if (category === 'error') onDrop(dropReason(reason), count ?? 1);
        },
      });
      return {
        send: (envelope) => {
          pending += 1;
          const sent = context.with(suppressTracing(context.active()), () => transport.send(envelope));
          sent.then(settled, settled);
          return sent;
        },
        flush: (timeout) => transport.flush(timeout),
      };
    },
  };
}

/** The SDK's reason in our words. */
export function dropReason(reason: string): ErrorSinkDrop {
  return reasons[reason] ?? 'other';
}

/** Node's module as far as the SDK calls it, with a limit on the time of each request. */
function timeLimited(native: typeof http | typeof https, onAnswer: (status: number) => void): HttpModule {
  return {
    request: (options, callback) => {
      const request = native.request(options, (response) => {
        const { statusCode = 0 } = response;
        onAnswer(statusCode);
        callback?.(Object.assign(response, { statusCode }));
      });
      const timer = setTimeout(() => request.destroy(new Error('Sentry did not answer in time')), REQUEST_TIMEOUT_MS);
      timer.unref();
      request.once('close', () => clearTimeout(timer));
      return request;
    },
  };
}
