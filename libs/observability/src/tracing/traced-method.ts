import 'reflect-metadata';
import { context, trace } from '@opentelemetry/api';
import type { Attributes, Context } from '@opentelemetry/api';
import { isScheduled, scheduledMethod } from '../schedule/scheduled-method.js';
import { attributeNames } from '../semconv.js';
import { endWithResult } from './span-result.js';
import { failSpan } from './span-error.js';
import { openSpan } from './span.js';
import { withActiveSpan } from './active-span.js';

export type Method = (this: unknown, ...args: unknown[]) => unknown;

interface Traced {
  readonly name: string;
  readonly options: { readonly attributes: Attributes };
}

/** Functions that this file made: a method that several classes share is wrapped once. */
const wrappers = new WeakSet();

/** A function that is called with a receiver: neither a class that a prototype happens to hold nor a wrapper. */
export function isWrappable(value: unknown): value is Method {
  return typeof value === 'function' && !wrappers.has(value) && !isClass(value);
}

/** Written as `class`: own constructors of Node and of old JavaScript are functions, and built-in ones are native code. */
export function isClass(value: object): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

/**
 * The method with a span around each call while a recording span is active; otherwise a call costs one look at the context.
 * `current` says which function to call where that may change; without it, it is `method`.
 */
export function wrapMethod(method: Method, name: string, current?: () => Method): Method {
  const traced: Traced = { name, options: Object.freeze({ attributes: { [attributeNames.codeFunctionName]: name } }) };
  const ordinary = Object.hasOwn(method, 'prototype')
    ? constructible(method, traced, current)
    : concise(method, traced, current);
  const wrapper = isScheduled(method) ? scheduledMethod(name, ordinary, current ?? (() => method)) : ordinary;
  wrappers.add(wrapper);
  mirror(wrapper, method);
  return wrapper;
}

/** A method as classes have it: no constructor, no `prototype`. */
function concise(method: Method, traced: Traced, current?: () => Method): Method {
  const fixed = {
    wrapper(this: unknown, ...args: unknown[]): unknown {
      const active = context.active();
      if (!trace.getSpan(active)?.isRecording()) return Reflect.apply(method, this, args);
      return callInSpan(method, traced, active, this, args);
    },
  };
  if (!current) return Reflect.get(fixed, 'wrapper');
  const looking = {
    wrapper(this: unknown, ...args: unknown[]): unknown {
      const active = context.active();
      if (!trace.getSpan(active)?.isRecording()) return Reflect.apply(current(), this, args);
      return callInSpan(current(), traced, active, this, args);
    },
  };
  return Reflect.get(looking, 'wrapper');
}

/** A generator, whose results are instances of it, or a function of old, which may be called with `new`. */
function constructible(method: Method, traced: Traced, current: () => Method = () => method): Method {
  return function wrapper(this: unknown, ...args: unknown[]): unknown {
    const newTarget: unknown = new.target;
    if (typeof newTarget === 'function') return Reflect.construct(current(), args, newTarget) as unknown;
    const active = context.active();
    if (!trace.getSpan(active)?.isRecording()) return Reflect.apply(current(), this, args);
    return callInSpan(current(), traced, active, this, args);
  };
}

function callInSpan(method: Method, traced: Traced, active: Context, self: unknown, args: unknown[]): unknown {
  const span = openSpan(traced.name, traced.options, active);
  const inside = withActiveSpan(active, span);
  let result: unknown;
  try {
    result = context.with(inside, () => Reflect.apply(method, self, args));
  } catch (error) {
    failSpan(span, error);
    throw error;
  }
  return endWithResult(span, inside, result, self);
}

const OWN_OF_WRAPPER: ReadonlySet<string | symbol> = new Set(['prototype', 'arguments', 'caller']);

/**
 * Whoever looks at the wrapper sees the method: name, arity, source text, `AsyncFunction` as its constructor, properties, and
 * metadata (routes, guards, roles, parameter types), also what is defined on the original later.
 */
function mirror(wrapper: Method, method: Method): void {
  for (const key of Reflect.ownKeys(method)) {
    if (OWN_OF_WRAPPER.has(key)) continue;
    const descriptor = Object.getOwnPropertyDescriptor(method, key);
    if (descriptor) Object.defineProperty(wrapper, key, { ...descriptor, configurable: true });
  }
  if (Object.hasOwn(method, 'prototype')) Reflect.set(wrapper, 'prototype', Reflect.get(method, 'prototype'));
  if (!Object.hasOwn(method, 'toString')) {
    Object.defineProperty(wrapper, 'toString', {
      value: () => Function.prototype.toString.call(method),
      writable: true,
      configurable: true,
    });
  }
  Object.setPrototypeOf(wrapper, method);
  for (const key of Reflect.getOwnMetadataKeys(method) as (string | symbol)[]) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, method), wrapper);
  }
}
