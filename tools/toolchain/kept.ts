import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { LaunchError } from '../launcher/failure.ts';

const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'signalpress');

/** A folder of the cache that `fill` fills the first time. What breaks off leaves nothing behind that looks finished. */
export async function once(name: string, fill: (directory: string) => Promise<void>): Promise<string> {
  const directory = path.join(cache, name);
  if (existsSync(directory)) return directory;
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(path.join(cache, `.${name}-`));
  try {
    await fill(unfinished);
    renameSync(unfinished, directory);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
  return directory;
}

export interface GoProgram {
  readonly name: string;
  /** The package whose `main` it is. */
  readonly source: string;
  readonly version: string;
  /** What the linker writes into variables of the program. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * The file of a program that is built from a Go module, now or in an earlier run.
 *
 * @throws LaunchError with what Go says, or that there is none
 */
export async function goProgram({ name, source, version, variables = {} }: GoProgram): Promise<string> {
  const directory = await once(`${name}-${version}`, async (target) => {
    process.stderr.write(`building ${name} ${version}, once\n`);
    const flags = ['-s -w', ...Object.entries(variables).map(([key, value]) => `-X ${key}=${value}`)].join(' ');
    const run = await execa('go', ['install', '-trimpath', `-ldflags=${flags}`, `${source}@v${version}`], {
      env: { GOBIN: target, GOFLAGS: '-buildvcs=false' },
      reject: false,
    });
    if (run.failed) throw new LaunchError(`${name} ${version} could not be built: ${complaint(run)}`);
    // Go names it after a part of its path.
    const [built = ''] = readdirSync(target);
    if (built !== name) renameSync(path.join(target, built), path.join(target, name));
  });
  return path.join(directory, name);
}

const complaint = (run: { code?: string | undefined; stderr: string }): string =>
  run.code === 'ENOENT' ? 'there is no Go here (go.dev; Debian 12 has one that is too old)' : run.stderr.slice(-800);
