import 'reflect-metadata';

const TRACED = Symbol.for('@signalpress/observability:traced');

/** Leaves the mark on a class, or on the function of a method: that is what the instrumentation holds when it decides. */
export function markTraced(holder: object, traced: boolean): void {
  Reflect.defineMetadata(TRACED, traced, holder);
}

/** True, false, or undefined where nothing is said. A class inherits from its base class. */
export function tracedMark(target: object): boolean | undefined {
  const mark: unknown = Reflect.getMetadata(TRACED, target);
  return typeof mark === 'boolean' ? mark : undefined;
}
