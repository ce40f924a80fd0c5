import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '../..');
const library = path.join(root, 'libs/observability');

export interface Library {
  /** File URL of the entry. */
  readonly entry: string;
  remove(): void;
}

/**
 * Builds the library and copies what was built, so that all rounds of a run measure the same code whatever is built meanwhile.
 *
 * @throws Error with what the compiler said.
 */
export function buildLibrary(build: boolean): Library {
  if (build) {
    const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
    const built = spawnSync(process.execPath, [compiler, '-b', path.join(library, 'tsconfig.lib.json')], {
      encoding: 'utf8',
    });
    if (built.status !== 0)
      throw new Error(`libs/observability does not compile (or use --no-build):\n${built.stdout}`);
  }
  // Inside the workspace: its imports are resolved from where it lies.
  const directory = path.join(import.meta.dirname, '.data', `library-${process.pid}`);
  mkdirSync(directory, { recursive: true });
  cpSync(path.join(library, 'package.json'), path.join(directory, 'package.json'));
  cpSync(path.join(library, 'dist'), path.join(directory, 'dist'), { recursive: true });
  return {
    entry: pathToFileURL(path.join(directory, 'dist/index.js')).href,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
