import { markTraced } from './traced-mark.js';
import { wrapMarkedClass } from './traced-class.js';

type Decorator = ClassDecorator & MethodDecorator;

/**
 * Opens spans for a class that would have none (a package's provider, a class without a Nest decorator), or for one method of it.
 * On a class it works at once, so that instances which the injector never sees (`@UseGuards(new DoorGuard())`) have spans too.
 */
export function Traced(): Decorator {
  return mark(true);
}

/** Opens no spans for this class (or method). Wins over everything but a `@Traced()` on the method itself. */
export function NotTraced(): Decorator {
  return mark(false);
}

function mark(traced: boolean): Decorator {
  return (target: object, _key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const holder: unknown = descriptor ? descriptor.value : target;
    if (!isHolder(holder)) return;
    markTraced(holder, traced);
    if (traced && holder === target && typeof holder === 'function') wrapMarkedClass(holder);
  };
}

function isHolder(value: unknown): value is object {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}
