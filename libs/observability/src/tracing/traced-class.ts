import 'reflect-metadata';
import { tracedMark } from './traced-mark.js';
import { isWrappable, wrapMethod } from './traced-method.js';

/** Called by Nest at start and stop, never under a span: a wrapper would only be in the way. */
const LIFECYCLE_METHODS: readonly string[] = [
  'constructor',
  'configure',
  'onModuleInit',
  'onModuleDestroy',
  'onApplicationBootstrap',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
];

/** Called by the language and not by anybody's code: `await`, `JSON.stringify`, template strings, `util.inspect`. */
const IMPLICIT_METHODS: readonly (string | symbol)[] = [
  'then',
  'toJSON',
  'toString',
  'toLocaleString',
  'valueOf',
  Symbol.for('nodejs.util.inspect.custom'),
  ...Reflect.ownKeys(Symbol)
    .map((key): unknown => Reflect.get(Symbol, key))
    .filter((value) => typeof value === 'symbol'),
];

const NEVER_WRAPPED: ReadonlySet<string | symbol> = new Set([...LIFECYCLE_METHODS, ...IMPLICIT_METHODS]);

/** The class that a prototype belongs to; undefined for an object that is nobody's prototype. */
export function classOf(prototype: object): object | undefined {
  const type: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof type === 'function' && Object.getOwnPropertyDescriptor(type, 'prototype')?.value === prototype
    ? type
    : undefined;
}

/** Which of the methods that nothing is said about get a wrapper. */
export type Choice = (key: string | symbol, method: object) => boolean;

/** Wraps what a prototype itself has: methods that are marked, and those of which `chosen` says so. A second time changes nothing. */
export function wrapPrototype(prototype: object, type: object, chosen: Choice): void {
  const className = nameOf(type);
  for (const key of Reflect.ownKeys(prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
    if (!descriptor?.configurable || NEVER_WRAPPED.has(key)) continue;
    const method: unknown = descriptor.value;
    if (!isWrappable(method) || !(tracedMark(method) ?? chosen(key, method))) continue;
    Object.defineProperty(prototype, key, { ...descriptor, value: wrapMethod(method, spanName(className, key)) });
  }
}

/** `@Traced()` on a class: its own methods, without waiting for an injector. */
export function wrapMarkedClass(type: object): void {
  const prototype: unknown = Object.getOwnPropertyDescriptor(type, 'prototype')?.value;
  if (typeof prototype === 'object' && prototype !== null) wrapPrototype(prototype, type, () => true);
}

/**
 * Gives `prototype` spans for what it inherits from a base class that carries no decorator. The base itself is left as it is:
 * it may have other children, which are nobody's business.
 */
export function wrapInherited(prototype: object, type: object, base: object, chosen: Choice): void {
  if (!Object.isExtensible(prototype)) return;
  const className = nameOf(type);
  for (const key of Reflect.ownKeys(base)) {
    if (NEVER_WRAPPED.has(key) || !inherits(prototype, base, key)) continue;
    const descriptor = Object.getOwnPropertyDescriptor(base, key);
    const method: unknown = descriptor?.value;
    if (!isWrappable(method) || tracedMark(method) === false || !chosen(key, method)) continue;
    // Looked up at each call: whoever replaces the base's method later means this one as well.
    const wrapper = wrapMethod(method, spanName(className, key), () => Reflect.get(base, key) as typeof method);
    Object.defineProperty(prototype, key, { value: wrapper, writable: true, configurable: true, enumerable: false });
  }
}

/** Whether nothing between `prototype` and `base` overrides the property. */
function inherits(prototype: object, base: object, key: string | symbol): boolean {
  for (let at: unknown = prototype; at !== base; at = Object.getPrototypeOf(at)) {
    if (typeof at !== 'object' || at === null || Object.hasOwn(at, key)) return false;
  }
  return true;
}

function spanName(className: string, key: string | symbol): string {
  return typeof key === 'string' ? `${className}.${key}` : `${className}[${key.description ?? ''}]`;
}

/** Nest's `mixin()` renames a class at random at each start: such a class keeps the name that its source has. */
const MIXIN_NAME = /^[A-Za-z0-9]{21}$/;

function nameOf(type: object): string {
  const name: unknown = Object.getOwnPropertyDescriptor(type, 'name')?.value;
  if (typeof name !== 'string' || name === '') return '(anonymous)';
  if (!MIXIN_NAME.test(name)) return name;
  const source = Function.prototype.toString.call(type);
  return /^class\s+([\w$]+)/.exec(source)?.[1] ?? '(mixin)';
}
