import 'reflect-metadata';
import * as nestCommon from '@nestjs/common';
import type { NestApplicationOptions } from '@nestjs/common';
import * as nestCore from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { context, trace } from '@opentelemetry/api';
import { attributeNames } from '../semconv.js';
import { endWithResult } from './span-result.js';
import { failSpan, tracer } from './span.js';
import { tracedMark } from './traced.decorator.js';

export interface NestInstrumentOptions {
  /** Modules of packages whose providers get no spans: those of the module's own `@Module()` metadata. */
  readonly packages?: readonly object[];
  /** Says of a class whether it belongs to a package; such a class gets no spans unless it is `@Traced()`. */
  readonly isPackage?: (type: object) => boolean;
}

type Instrument = NonNullable<NestApplicationOptions['instrument']>;
type Method = (this: unknown, ...args: unknown[]) => unknown;

/** The marks that Nest's own decorators leave on a class: provider (guard, pipe, interceptor), controller, filter. */
const NEST_MARKS = ['__injectable__', '__controller__', '__catch__'];

/** Called by Nest at start and stop, never under a span: a wrapper would only be in the way. */
const LIFECYCLE_METHODS: ReadonlySet<string> = new Set([
  'constructor',
  'configure',
  'onModuleInit',
  'onModuleDestroy',
  'onApplicationBootstrap',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
]);

const WRAPPED = Symbol.for('@signalpress/observability:wrapped');

/**
 * The value of Nest's `instrument` option. Each method of the application's own providers, controllers, guards, interceptors, pipes
 * and filters becomes a span `Class.method` while a recording span is active; otherwise a call costs one look at the context.
 * Prototypes are changed, once per class; instances stay what they are.
 *
 * A class is the application's own when a Nest decorator marks it, it is not `@NotTraced()`, and it belongs neither to Nest nor
 * to a package that the options name. `@Traced()` on the class or a method of it decides otherwise.
 */
export function nestInstrument(options: NestInstrumentOptions = {}): Instrument {
  const packaged = packageClasses([TerminusModule, ...(options.packages ?? [])]);
  const belongsToPackage = (type: object): boolean => packaged.has(type) || (options.isPackage?.(type) ?? false);
  return {
    instanceDecorator: (instance) => {
      if (typeof instance === 'object' && instance !== null) wrapPrototypes(instance, belongsToPackage);
      return instance;
    },
  };
}

/** Classes that Nest itself exports, and what the given modules declare. */
function packageClasses(modules: readonly object[]): WeakSet<object> {
  const classes = new WeakSet();
  const add = (candidate: unknown): void => {
    if (typeof candidate === 'function') classes.add(candidate);
    else if (typeof candidate === 'object' && candidate !== null && 'useClass' in candidate) add(candidate.useClass);
  };
  for (const exported of [...Object.values(nestCore), ...Object.values(nestCommon)]) add(exported);
  for (const module of modules) {
    add(module);
    for (const key of ['providers', 'controllers', 'exports']) {
      const declared: unknown = Reflect.getMetadata(key, module);
      if (Array.isArray(declared)) declared.forEach(add);
    }
  }
  return classes;
}

function wrapPrototypes(instance: object, belongsToPackage: (type: object) => boolean): void {
  let prototype: unknown = Object.getPrototypeOf(instance);
  while (isObject(prototype) && prototype !== Object.prototype) {
    if (!Object.hasOwn(prototype, WRAPPED)) {
      const type: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
      if (typeof type === 'function') wrapPrototype(prototype, type, belongsToPackage);
    }
    prototype = Object.getPrototypeOf(prototype);
  }
}

function wrapPrototype(
  prototype: object,
  type: { readonly name: string },
  belongsToPackage: (type: object) => boolean,
): void {
  Object.defineProperty(prototype, WRAPPED, { value: true });
  const ofClass = tracedMark(type) ?? (isMarkedByNest(type) && !belongsToPackage(type));
  for (const key of Object.getOwnPropertyNames(prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
    if (!descriptor?.configurable || LIFECYCLE_METHODS.has(key)) continue;
    const method: unknown = descriptor.value;
    if (!isPlainMethod(method) || !(tracedMark(method) ?? ofClass)) continue;
    Object.defineProperty(prototype, key, { ...descriptor, value: wrapMethod(method, `${type.name}.${key}`) });
  }
}

function isMarkedByNest(type: object): boolean {
  // Own marks only: a base class without a decorator may be anybody's, such as an event emitter of Node.
  return NEST_MARKS.some((mark) => Reflect.hasOwnMetadata(mark, type));
}

/** Generators are left alone: their work happens after the call. */
function isPlainMethod(value: unknown): value is Method {
  if (typeof value !== 'function') return false;
  const kind = Object.prototype.toString.call(value);
  return (
    (kind === '[object Function]' || kind === '[object AsyncFunction]') &&
    !/^class\b/.test(Function.prototype.toString.call(value))
  );
}

function wrapMethod(method: Method, name: string): Method {
  const attributes = Object.freeze({ [attributeNames.codeFunctionName]: name });
  const wrapper = function (this: unknown, ...args: unknown[]): unknown {
    const active = context.active();
    if (!trace.getSpan(active)?.isRecording()) return method.apply(this, args);
    const span = tracer().startSpan(name, { attributes }, active);
    const inside = trace.setSpan(active, span);
    let result: unknown;
    try {
      result = context.with(inside, () => method.apply(this, args));
    } catch (error) {
      failSpan(span, error);
      throw error;
    }
    return endWithResult(span, inside, result);
  };
  // Nest reads routes, guards and parameter types from the function, and its arity.
  Object.defineProperty(wrapper, 'name', { value: method.name, configurable: true });
  Object.defineProperty(wrapper, 'length', { value: method.length, configurable: true });
  for (const key of Reflect.getOwnMetadataKeys(method) as (string | symbol)[]) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, method), wrapper);
  }
  return wrapper;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
