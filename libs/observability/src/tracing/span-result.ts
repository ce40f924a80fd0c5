import { types } from 'node:util';
import type { Context, Span } from '@opentelemetry/api';
import { coverIterator, coverObservable, coverThenable, isIterator, isPlainObservable } from './open-result.js';
import { failSpan } from './span-error.js';

/**
 * Ends the span when the result is there: at once, when a promise settles, when an iteration is over, or when an observable is.
 * What is handed back behaves as the result itself. `self` is the receiver of the call: a fluent method's answer is no work.
 */
export function endWithResult(span: Span, inside: Context, result: unknown, self?: unknown): unknown {
  if ((typeof result !== 'object' && typeof result !== 'function') || result === null || result === self) {
    span.end();
    return result;
  }
  if (types.isPromise(result) && isPlainPromise(result)) return settled(span, result);
  let covered: unknown;
  try {
    covered = cover(span, inside, result);
  } catch {
    // A proxy may refuse any question, and is then a result like any other.
  }
  if (covered !== undefined) return covered;
  span.end();
  return result;
}

/** Undefined when the result is complete as it is. */
function cover(span: Span, inside: Context, result: object): unknown {
  const then: unknown = 'then' in result ? result.then : undefined;
  if (typeof then === 'function') return coverThenable({ span, inside }, result, then);
  if (isIterator(result)) return coverIterator({ span, inside }, result);
  if (isPlainObservable(result)) return coverObservable({ span, inside }, result);
  return undefined;
}

function isPlainPromise(promise: Promise<unknown>): boolean {
  return Object.getPrototypeOf(promise) === Promise.prototype && !Object.hasOwn(promise, 'then');
}

/** The promise's own continuation, so that a rejection that nobody handles stays one. */
function settled(span: Span, promise: Promise<unknown>): Promise<unknown> {
  const result = promise.then(
    (value) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      failSpan(span, error);
      throw error;
    },
  );
  // Such as the `cancel` that some clients put on the promise.
  for (const key in promise) {
    const descriptor = Object.getOwnPropertyDescriptor(promise, key);
    if (descriptor) Reflect.defineProperty(result, key, descriptor);
  }
  return result;
}
