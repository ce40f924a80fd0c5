import { context } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import { attributeNames } from '../semconv.js';
import { recordError } from '../tracing/span-error.js';

type Callback = (...args: unknown[]) => unknown;

const SQLSTATE = /^[0-9A-Z]{5}$/;

/** The text of what was given to `query()`: a text, a configuration, or a Submittable such as a cursor or a stream. */
export function textOf(query: unknown): string {
  if (typeof query === 'string') return query;
  if (typeof query !== 'object' || query === null) return '';
  const text: unknown = 'text' in query ? query.text : 'cursor' in query ? textOf(query.cursor) : undefined;
  return typeof text === 'string' ? text : '';
}

/**
 * Runs `query(...args)` and ends the span when it is over, in whichever form it was asked: by callback, by promise, or by a
 * Submittable, whose events stay as they are.
 */
export function runQuery(span: Span, query: Callback, self: unknown, args: readonly unknown[]): unknown {
  const [first] = args;
  const index = args.findIndex((arg) => typeof arg === 'function');
  const submittable = isSubmittable(first);
  const given = [...args];
  if (submittable) followSubmittable(span, first);
  else if (index >= 0) given[index] = endingCallback(span, args[index] as Callback);
  else if (hasCallback(first))
    given[0] = Object.assign(copyOf(first), { callback: endingCallback(span, first.callback) });
  let result: unknown;
  try {
    result = Reflect.apply(query, self, given);
  } catch (error) {
    failQuery(span, error);
    throw error;
  }
  if (!isThenable(result) || submittable) return result;
  // The continuation is returned: a rejection that nobody handles stays one.
  return result.then(
    (value: unknown) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      failQuery(span, error);
      throw error;
    },
  );
}

/** What pg returns is a promise, also where the application gave it another kind of them. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Ends the span with the error; its type is the SQLSTATE where the server gave one. */
export function failQuery(span: Span, error: unknown): void {
  recordError(span, error);
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') {
    span.setAttribute(attributeNames.errorType, code);
    if (SQLSTATE.test(code)) span.setAttribute(attributeNames.dbResponseStatusCode, code);
  }
  span.end();
}

/** The driver calls back in the context of its socket; the caller's own is given back to it. */
function endingCallback(span: Span, callback: Callback): Callback {
  const active = context.active();
  return function (this: unknown, ...args: unknown[]): unknown {
    const [error] = args;
    if (error) failQuery(span, error);
    else span.end();
    return context.with(active, callback, this, ...args);
  };
}

interface Submittable {
  callback?: unknown;
  handleError?: unknown;
  handleReadyForQuery?: unknown;
}

/**
 * The client itself calls these two of every Submittable. A listener on `error` instead would turn an error that nobody listens
 * for into one that is swallowed.
 */
function followSubmittable(span: Span, query: Submittable): void {
  const { handleError, handleReadyForQuery } = query;
  if (typeof handleError !== 'function' || typeof handleReadyForQuery !== 'function') {
    span.end();
    return;
  }
  // A timeout is told first, and the answer that comes later as well.
  let over = false;
  query.handleError = function (this: unknown, ...args: unknown[]): unknown {
    if (!over) failQuery(span, args[0]);
    over = true;
    const told: unknown = Reflect.apply(handleError, this, args);
    return told;
  };
  query.handleReadyForQuery = function (this: unknown, ...args: unknown[]): unknown {
    if (!over) span.end();
    over = true;
    const told: unknown = Reflect.apply(handleReadyForQuery, this, args);
    return told;
  };
}

function isSubmittable(query: unknown): query is Submittable {
  return typeof query === 'object' && query !== null && 'submit' in query && typeof query.submit === 'function';
}

function hasCallback(query: unknown): query is { readonly callback: Callback } {
  return typeof query === 'object' && query !== null && 'callback' in query && typeof query.callback === 'function';
}

/** The caller's configuration may be used again. */
function copyOf(config: object): object {
  return Object.assign(Object.create(Object.getPrototypeOf(config) as object | null) as object, config);
}
