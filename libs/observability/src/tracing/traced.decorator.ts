import 'reflect-metadata';

const TRACED = Symbol.for('@signalpress/observability:traced');

type Decorator = ClassDecorator & MethodDecorator;

/** Opens spans for a class that would have none (a package's provider, a class without a Nest decorator), or for one method of it. */
export function Traced(): Decorator {
  return mark(true);
}

/** Opens no spans for this class (or method). Wins over everything but a `@Traced()` on the method itself. */
export function NotTraced(): Decorator {
  return mark(false);
}

function mark(traced: boolean): Decorator {
  return (target: object, _key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    // On a method the mark sits on the function: that is what the instrumentation holds when it decides.
    const holder: unknown = descriptor ? descriptor.value : target;
    if (isHolder(holder)) Reflect.defineMetadata(TRACED, traced, holder);
  };
}

function isHolder(value: unknown): value is object {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}

/** True, false, or undefined where nothing is said. A class inherits from its base class. */
export function tracedMark(target: object): boolean | undefined {
  const mark: unknown = Reflect.getMetadata(TRACED, target);
  return typeof mark === 'boolean' ? mark : undefined;
}
