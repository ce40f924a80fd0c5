/**
 * Preloaded (`--import`) while a variant is checked, never while it is measured: reports at the end which copies of the packages that
 * must exist once per process were loaded.
 */
import { registerHooks } from 'node:module';

const ONCE = ['@nestjs/core', '@nestjs/common', '@opentelemetry/api', 'fastify'];
const copies = new Map(ONCE.map((name) => [name, new Set()]));

registerHooks({
  load(url, context, nextLoad) {
    for (const [name, seen] of copies) {
      const at = url.lastIndexOf(`/node_modules/${name}/`);
      if (at >= 0 && url.indexOf('/node_modules/', at + 1) < 0) seen.add(url.slice(0, at));
    }
    return nextLoad(url, context);
  },
});

process.on('message', (message) => {
  if (message === 'copies') {
    process.send({ kind: 'copies', copies: Object.fromEntries([...copies].map(([name, seen]) => [name, [...seen]])) });
  }
});
