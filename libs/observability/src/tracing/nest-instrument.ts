import 'reflect-metadata';
import { isScheduled } from '../schedule/scheduled-method.js';
import { isNestClass } from './nest-classes.js';
import { isNodeClass } from './node-classes.js';
import { isSwitchedOff } from './pass-through-tracer.js';
import { registeredProvider } from './span.js';
import { classOf, wrapInherited, wrapPrototype } from './traced-class.js';
import type { Choice } from './traced-class.js';
import { tracedMark } from './traced-mark.js';
import { isClass } from './traced-method.js';

export interface NestInstrumentOptions {
  /** Modules of packages whose providers get no spans: those of the module's own `@Module()` metadata. */
  readonly packages?: readonly object[];
  /** Says of a class whether it belongs to a package; such a class gets no spans unless it is `@Traced()`. */
  readonly isPackage?: (type: object) => boolean;
  /** Says of a class without a Nest decorator (made by a factory, given by `useValue`) whether it is the application's own. */
  readonly isOwn?: (type: object) => boolean;
}

/** What Nest's `instrument` option takes, in every major version that has it. */
export interface NestInstrument {
  readonly instanceDecorator: (instance: unknown) => unknown;
}

/** The marks that decorators of Nest leave on a class: provider, controller, filter, gateway, resolver, CQRS handler, queue. */
const NEST_MARKS = [
  '__injectable__',
  '__controller__',
  '__catch__',
  'websockets:is_gateway',
  'graphql:resolver_type',
  '__commandHandler__',
  '__queryHandler__',
  '__eventsHandler__',
  'bullmq:processor_metadata',
  'bull:module_queue',
];

/** What makes an object a guard, an interceptor, a pipe or a filter, whatever its class says. */
const ENHANCER_METHODS: ReadonlySet<string | symbol> = new Set(['canActivate', 'intercept', 'transform', 'catch']);

const everyMethod: Choice = () => true;
/** Its wrapper also reports what the scheduler would swallow. */
const scheduledOnly: Choice = (_key, method) => isScheduled(method);

/** How much of a class gets spans. `base`: what a decorated class inherits from it. */
type Part = 'all' | 'enhancer' | 'base' | 'none';

/**
 * The value of Nest's `instrument` option. Each method of the application's own providers, controllers, guards, interceptors, pipes
 * and filters becomes a span `Class.method` while a recording span is active; otherwise a call costs one look at the context.
 * Prototypes are changed, once per class; instances stay what they are. Never throws.
 *
 * A class is the application's own when a Nest decorator marks it, it is not `@NotTraced()`, and it belongs neither to Nest nor
 * to a package that the options name. `@Traced()` on the class or a method of it decides otherwise. Where `configureTracing` found
 * `OTEL_SDK_DISABLED=true`, only scheduled methods are changed: their errors are reported all the same.
 */
export function nestInstrument(options: NestInstrumentOptions = {}): NestInstrument {
  const packaged = packageClasses(options.packages ?? []);
  const partOf = (type: object, prototype: object): Part => {
    const mark = tracedMark(type);
    if (mark !== undefined) return mark ? 'all' : 'none';
    if (packaged.has(type) || isNestClass(type) || (options.isPackage?.(type) ?? false)) return 'none';
    if (isMarkedByNest(type) || (options.isOwn?.(type) ?? false)) return 'all';
    if (!isClass(type) || isNodeClass(type) || Object.hasOwn(prototype, 'then')) return 'none';
    return Reflect.ownKeys(prototype).some((key) => ENHANCER_METHODS.has(key)) ? 'enhancer' : 'base';
  };
  const walked = new WeakSet();
  const walkedOff = new WeakSet();
  return {
    instanceDecorator: (instance) => {
      try {
        if (!isObject(instance)) return instance;
        const prototype: unknown = Object.getPrototypeOf(instance);
        if (!isObject(prototype) || walked.has(prototype)) return instance;
        const off = isSwitchedOff(registeredProvider());
        if (off && walkedOff.has(prototype)) return instance;
        (off ? walkedOff : walked).add(prototype);
        wrapClasses(prototype, partOf, off ? scheduledOnly : everyMethod);
      } catch {
        // A proxy that answers no question, a class that forbids changes: it works on, without spans.
      }
      return instance;
    },
  };
}

/** What the given modules declare. */
function packageClasses(modules: readonly object[]): WeakSet<object> {
  const classes = new WeakSet();
  const add = (candidate: unknown): void => {
    if (typeof candidate === 'function') classes.add(candidate);
    else if (typeof candidate === 'object' && candidate !== null && 'useClass' in candidate) add(candidate.useClass);
  };
  for (const module of modules) {
    add(module);
    for (const key of ['providers', 'controllers', 'exports']) {
      const declared: unknown = Reflect.getMetadata(key, module);
      if (Array.isArray(declared)) declared.forEach(add);
    }
  }
  return classes;
}

/** From the instance's class upwards. `heir` is the last class with all of its methods: what a base has, it inherits. */
function wrapClasses(first: object, partOf: (type: object, prototype: object) => Part, chosen: Choice): void {
  let heir: { readonly prototype: object; readonly type: object } | undefined;
  for (let at: unknown = first; isObject(at) && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    const prototype = at;
    const type = classOf(prototype);
    if (!type) continue;
    const part = partOf(type, prototype);
    wrapPrototype(
      prototype,
      type,
      (key, method) =>
        (part === 'all' || (part === 'enhancer' && !heir && ENHANCER_METHODS.has(key))) && chosen(key, method),
    );
    if (part === 'all') heir = { prototype, type };
    else if (part !== 'none' && heir) wrapInherited(heir.prototype, heir.type, prototype, chosen);
  }
}

function isMarkedByNest(type: object): boolean {
  return NEST_MARKS.some((mark) => Reflect.hasMetadata(mark, type));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
