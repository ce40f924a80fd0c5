import { types } from 'node:util';
import { context } from '@opentelemetry/api';
import type { Context, Span } from '@opentelemetry/api';
import { failSpan } from './span-error.js';

/** A span whose work goes on in the object that the call returned. */
export interface OpenCall {
  readonly span: Span;
  readonly inside: Context;
}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** More calls than this that hand on one unfinished object end at once. */
const MAX_CALLS = 8;

/** The calls that returned one object, innermost first. They end together, once. */
class OpenCalls {
  private calls: OpenCall[] = [];
  private returnedAt = 0;
  private over = false;
  /** Steps of an iteration that are not over. */
  private steps = 0;
  private alone = false;

  add(call: OpenCall): boolean {
    if (this.over || this.calls.length >= MAX_CALLS) return false;
    this.calls.push(call);
    // Rounded up: a span must not end before it began.
    this.returnedAt = Date.now() + 1;
    return true;
  }

  /** Where the work belongs; undefined once it is over. */
  get inside(): Context | undefined {
    return this.calls[0]?.inside;
  }

  end(): void {
    for (const { span } of this.take()) span.end();
  }

  fail(error: unknown): void {
    for (const { span } of this.take()) failSpan(span, error);
  }

  stepBegins(): void {
    this.steps += 1;
  }

  stepEnds(): void {
    this.steps -= 1;
    if (this.alone && this.steps === 0) this.abandon();
  }

  /** Nobody has the object any more: the spans end when it was handed out, or with the step that is under way. */
  abandon(): void {
    this.alone = true;
    if (this.steps > 0) return;
    for (const { span } of this.take()) span.end(this.returnedAt);
  }

  private take(): OpenCall[] {
    const { calls } = this;
    this.over = true;
    this.calls = [];
    return calls;
  }
}

const openCalls = new WeakMap<object, OpenCalls>();
/** Objects that nobody asked for their work. Collected while the work goes on they are not: whoever begins it says so. */
const abandoned = new FinalizationRegistry<OpenCalls>((calls) => calls.abandon());

function watchFor(target: object, calls: OpenCalls): void {
  abandoned.register(target, calls, calls);
}

/** The work has begun and ends by itself, also when the object that it began with is gone. */
function begin(calls: OpenCalls): void {
  abandoned.unregister(calls);
}

/** The object's calls with this one added; `fresh` when the object is not covered yet. Undefined when the call is over. */
function join(call: OpenCall, target: object): { calls: OpenCalls; fresh: boolean } | undefined {
  const known = openCalls.get(target);
  if (known) return known.add(call) ? { calls: known, fresh: false } : undefined;
  if (!Object.isExtensible(target)) return undefined;
  const calls = new OpenCalls();
  calls.add(call);
  openCalls.set(target, calls);
  watchFor(target, calls);
  return { calls, fresh: true };
}

function replace(target: object, key: string, value: AnyFunction): void {
  const enumerable = Object.prototype.propertyIsEnumerable.call(target, key);
  Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable });
}

/**
 * Query builders and subclasses of Promise: often they begin their work when somebody waits, and they have more to them than
 * `then`. So the object stays what it is, and only its `then` is watched.
 */
export function coverThenable(call: OpenCall, target: object, then: object): object | undefined {
  const joined = join(call, target);
  if (!joined) return undefined;
  if (joined.fresh) replace(target, 'then', watchedThen(then as AnyFunction, joined.calls));
  return target;
}

function watchedThen(then: AnyFunction, calls: OpenCalls): AnyFunction {
  return function (this: unknown, onFulfilled: unknown, onRejected: unknown): unknown {
    const { inside } = calls;
    if (!inside) return Reflect.apply(then, this, [onFulfilled, onRejected]);
    begin(calls);
    const outer = context.active();
    const fulfilled = (value: unknown): unknown => {
      calls.end();
      return isFunction(onFulfilled) ? context.with(outer, () => onFulfilled(value)) : value;
    };
    const rejected = (error: unknown): unknown => {
      calls.fail(error);
      if (isFunction(onRejected)) return context.with(outer, () => onRejected(error));
      throw error;
    };
    return context.with(inside, () => Reflect.apply(then, this, [fulfilled, rejected]));
  };
}

interface AnyIterator {
  next: AnyFunction;
}

/** A generator, or any iterator that is asynchronous. Iterators of collections are no work worth a span. */
export function isIterator(value: object): value is AnyIterator {
  if (types.isGeneratorObject(value)) return true;
  return (
    'next' in value &&
    isFunction(value.next) &&
    Symbol.asyncIterator in value &&
    isFunction(value[Symbol.asyncIterator])
  );
}

/** The body of a generator runs at each `next()`: each of them inside of the span, which ends with the iteration. */
export function coverIterator(call: OpenCall, target: AnyIterator): object | undefined {
  const joined = join(call, target);
  if (!joined) return undefined;
  if (!joined.fresh) return target;
  for (const key of ['next', 'return', 'throw']) {
    const original: unknown = Reflect.get(target, key);
    if (isFunction(original)) replace(target, key, watchedStep(original, joined.calls, key));
  }
  return target;
}

function watchedStep(original: AnyFunction, calls: OpenCalls, key: string): AnyFunction {
  const passed = (step: unknown): unknown => {
    if (isLast(step, key)) calls.end();
    calls.stepEnds();
    return step;
  };
  const failed = (error: unknown): never => {
    calls.fail(error);
    throw error;
  };
  return function (this: unknown, ...args: unknown[]): unknown {
    const { inside } = calls;
    if (!inside) return Reflect.apply(original, this, args);
    calls.stepBegins();
    let step: unknown;
    try {
      step = context.with(inside, () => Reflect.apply(original, this, args));
    } catch (error) {
      return failed(error);
    }
    return types.isPromise(step) ? step.then(passed, failed) : passed(step);
  };
}

function isLast(step: unknown, key: string): boolean {
  const finished = typeof step === 'object' && step !== null && 'done' in step ? step.done : undefined;
  return finished === true || (key === 'return' && finished === undefined);
}

interface AnySubscriber {
  next: (value: unknown) => void;
  error: (error: unknown) => void;
  complete: () => void;
  add: (teardown: () => void) => void;
}
interface AnyObservable {
  subscribe: (subscriber: AnySubscriber) => unknown;
}
type ObservableClass = new (subscribe: (subscriber: AnySubscriber) => void) => AnyObservable;

/** An Observable of whatever copy of RxJS. Subclasses (a Subject) are values that live on: they are no work of the call. */
export function isPlainObservable(value: object): value is AnyObservable {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    ['subscribe', 'lift', 'pipe'].every((key) => Object.hasOwn(prototype, key)) &&
    typeof prototype.constructor === 'function'
  );
}

/**
 * The work of an observable (an interceptor's handler) happens on subscription: the first one is the span's. Values go out in the
 * context of who subscribed. The subscriber itself is handed down, so that a source that never pauses sees when it shall stop.
 */
export function coverObservable(call: OpenCall, source: AnyObservable): object {
  const calls = new OpenCalls();
  calls.add(call);
  let begun = false;
  const result = new (source.constructor as ObservableClass)((subscriber) => {
    if (begun) {
      source.subscribe(subscriber);
      return;
    }
    begun = true;
    begin(calls);
    const outer = context.active();
    const { next, error, complete } = subscriber;
    const inOuter = (deliver: (value: unknown) => void, value: unknown): void => {
      if (context.active() === outer) deliver.call(subscriber, value);
      else context.with(outer, deliver, subscriber, value);
    };
    subscriber.next = (value) => inOuter(next, value);
    subscriber.error = (thrown) => {
      calls.fail(thrown);
      inOuter(error, thrown);
    };
    subscriber.complete = () => {
      calls.end();
      inOuter(complete, undefined);
    };
    subscriber.add(() => calls.end());
    context.with(call.inside, () => source.subscribe(subscriber));
  });
  watchFor(result, calls);
  return result;
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}
