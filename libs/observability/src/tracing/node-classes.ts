/** Modules of Node with classes that applications extend. */
const MODULES = ['async_hooks', 'events', 'http', 'net', 'perf_hooks', 'readline', 'stream', 'url', 'worker_threads'];

/** Whether a class is Node's own: of the language, of the platform (`EventTarget`, `URL`), or of a module. */
export function isNodeClass(type: object): boolean {
  const name: unknown = Object.getOwnPropertyDescriptor(type, 'name')?.value;
  if (typeof name !== 'string') return false;
  if (Function.prototype.toString.call(type).includes('[native code]')) return true;
  if (own(globalThis, name) === type) return true;
  return MODULES.some((module) => {
    const exported: unknown = process.getBuiltinModule(`node:${module}`);
    return (typeof exported === 'object' || typeof exported === 'function') && exported !== null
      ? own(exported, name) === type
      : false;
  });
}

function own(holder: object, name: string): unknown {
  return Object.hasOwn(holder, name) ? Reflect.get(holder, name) : undefined;
}
