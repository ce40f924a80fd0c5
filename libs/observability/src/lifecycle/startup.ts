import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Attributes } from '@opentelemetry/api';
import { spanNames } from '../semconv.js';
import { openSpan, runInSpan } from '../tracing/span.js';
import { rememberFailure, startupContext } from './startup-context.js';

/**
 * Runs what creates and starts an application in a root span of its own, so that its log lines have a trace id and a slow start
 * shows where its time went:
 *
 *     await traceStartup(() => start());
 *
 * Timers, sockets and loops that begin in there inherit its context, but not for ever: once the promise settles, they are
 * outside of any trace.
 */
export async function traceStartup<T>(start: () => Promise<T>, attributes: Attributes = {}): Promise<T> {
  const { active, over } = startupContext(ROOT_CONTEXT);
  const span = openSpan(spanNames.startup, { root: true, attributes }, ROOT_CONTEXT);
  try {
    return await runInSpan(span, trace.setSpan(active, span), start);
  } catch (error) {
    rememberFailure(error, trace.setSpan(ROOT_CONTEXT, span));
    throw error;
  } finally {
    over();
  }
}
