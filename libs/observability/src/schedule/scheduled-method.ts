import 'reflect-metadata';
import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import { liveContext } from '../lifecycle/startup-context.js';
import { attributeNames } from '../semconv.js';
import { endWithResult } from '../tracing/span-result.js';
import { failSpan, openSpan } from '../tracing/span.js';
import { reportScheduled } from './scheduled-reporters.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Left on a method by `@Cron()`, `@Interval()` and `@Timeout()` of @nestjs/schedule. */
const SCHEDULER_TYPE = 'SCHEDULER_TYPE';

/** Whether a scheduler calls the method, so that a call of it has nobody above. */
export function isScheduled(method: object): boolean {
  return Reflect.hasMetadata(SCHEDULER_TYPE, method);
}

/**
 * A scheduled method: each run is a trace of its own, and an error that ends it is reported before the scheduler swallows it.
 * A call from inside of a trace (somebody wants the job now) is a call like any other.
 *
 * @param ordinary the method as it is for other callers
 * @param current the method itself
 */
export function scheduledMethod(name: string, ordinary: Method, current: () => Method): Method {
  const options = Object.freeze({ root: true, attributes: { [attributeNames.codeFunctionName]: name } });
  const holder = {
    wrapper(this: unknown, ...args: unknown[]): unknown {
      if (trace.getSpan(liveContext()) !== undefined) return Reflect.apply(ordinary, this, args);
      const span = openSpan(name, options, ROOT_CONTEXT);
      const inside = trace.setSpan(ROOT_CONTEXT, span);
      try {
        const result = context.with(inside, () => watched(Reflect.apply(current(), this, args), this, name));
        return endWithResult(span, inside, result, this);
      } catch (error) {
        context.with(inside, () => reportScheduled(this, error, name));
        failSpan(span, error);
        throw error;
      }
    },
  } satisfies { wrapper: Method };
  return Reflect.get(holder, 'wrapper');
}

/** The run's promise, whose rejection is reported inside of the run's trace. */
function watched(result: unknown, receiver: unknown, name: string): unknown {
  if (!(result instanceof Promise)) return result;
  return result.catch((error: unknown) => {
    reportScheduled(receiver, error, name);
    throw error;
  });
}
