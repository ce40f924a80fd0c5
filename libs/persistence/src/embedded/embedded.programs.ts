import { execFile } from 'node:child_process';
import type { Account } from './embedded.account.js';

export interface ProgramResult {
  readonly ok: boolean;
  /** Both streams, as they came. */
  readonly output: string;
}

const TIMEOUT_MS = 120_000;

/** Runs one of PostgreSQL's programs with a clean environment (no PG* settings of the caller), as the account if given. */
export function runProgram(
  file: string,
  args: readonly string[],
  account: Account | undefined,
): Promise<ProgramResult> {
  const options = {
    // The server keeps the directory it is started in; it must not be one that somebody wants to remove.
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' },
    timeout: TIMEOUT_MS,
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  };
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      const said = `${stdout}${stderr}`;
      resolve({ ok: error === null, output: error !== null && said.trim() === '' ? error.message : said });
    });
  });
}

/** What the first FATAL or error line says, without its time and process; else the last line that says anything. */
export function reasonIn(output: string): string {
  const told = output.split('\n').filter((line) => line.trim() !== '');
  const cause = told.map((line) => /\b(?:FATAL|PANIC|ERROR|error):\s+(.*)/.exec(line)?.[1]).find(Boolean);
  return (cause ?? told.at(-1) ?? 'it says nothing').trim();
}
