// A process that takes a lock again and again, and prints who else was inside of it at the same time.
// usage: node --experimental-transform-types embedded-lock-user.mjs <directory> <milliseconds>
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

registerHooks({
  resolve: (specifier, context, next) =>
    specifier.startsWith('.') && context.parentURL?.endsWith('.ts')
      ? next(specifier.replace(/\.js$/, '.ts'), context)
      : next(specifier, context),
});

const { withLock } = await import('../src/embedded/embedded.lock.ts');
const { isAlive, thisProcess } = await import('../src/embedded/embedded.processes.ts');
const [directory, milliseconds] = process.argv.slice(2);
const inside = join(directory, 'inside');
const end = Date.now() + Number(milliseconds);
let rounds = 0;
while (Date.now() < end) {
  await withLock(join(directory, 'lock'), async () => {
    // One that was killed inside leaves its name behind, and is not there any more.
    const other = existsSync(inside) ? JSON.parse(readFileSync(inside, 'utf8') || '{"pid":0}') : { pid: 0 };
    if (other.pid > 0 && isAlive(other)) process.stdout.write(`together with ${other.pid}\n`);
    writeFileSync(inside, JSON.stringify(thisProcess()));
    await sleep(Math.random() * 3);
    rmSync(inside, { force: true });
    rounds++;
  });
}
process.stdout.write(`rounds ${rounds}\n`);
