import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const directory = path.join(import.meta.dirname, 'peers');
const stamp = path.join(directory, 'node_modules/.installed-from');

/** Must be the same for all variants, or the ratio to the bare service compares two Nests. */
const SHARED = ['@nestjs/common', '@nestjs/core', '@nestjs/platform-fastify', 'fastify', 'rxjs'];

/**
 * Installs what the peers need, exactly as locked, unless it is there already.
 *
 * @returns what is in the way, as a sentence; undefined when they are ready.
 */
export function preparePeers(say: (line: string) => void): string | undefined {
  if (installedDigest() !== digestOfLock()) {
    say('installing the peers (once): npm ci in bench/overhead/peers');
    const done = spawnSync('npm', ['ci', '--workspaces=false', '--loglevel=error', '--no-audit', '--no-fund'], {
      cwd: directory,
      encoding: 'utf8',
      env: { ...process.env, NODE_ENV: 'development' },
    });
    if (done.status !== 0) return `The peers could not be installed: ${lastLine(done.stderr)}`;
    writeFileSync(stamp, digestOfLock());
  }
  for (const name of SHARED) {
    const [theirs, ours] = [versionOf(directory, name), versionOf(root, name)];
    if (theirs !== ours) return `The peers have ${name} ${theirs}, the workspace has ${ours}: make them equal.`;
  }
  return undefined;
}

/** Of the lock file that the installation was made from. */
function digestOfLock(): string {
  return createHash('sha256')
    .update(readFileSync(path.join(directory, 'package-lock.json')))
    .digest('hex');
}

function installedDigest(): string | undefined {
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
}

function versionOf(from: string, name: string): string {
  const { version } = JSON.parse(readFileSync(path.join(from, 'node_modules', name, 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? 'npm said nothing';
}
