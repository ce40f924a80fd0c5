// A process that uses the embedded server: prints its URL, releases it at the first line on stdin.
// usage: node --experimental-transform-types embedded-user.mjs <data directory>
import { once } from 'node:events';
import { registerHooks } from 'node:module';

// The sources say './x.js' as the built files are named.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier.startsWith('.') && context.parentURL?.endsWith('.ts')
      ? next(specifier.replace(/\.js$/, '.ts'), context)
      : next(specifier, context),
});

const { acquireEmbeddedPostgres } = await import('../src/embedded/embedded.ts');
process.on('SIGINT', () => process.exit(130));
const server = await acquireEmbeddedPostgres({ dataDirectory: process.argv[2], owner: 'spec', fast: true });
process.stdout.write(`${server.url}\n`);
await once(process.stdin, 'data');
await server.release();
process.exit(0);
