import { randomBytes } from 'node:crypto';
import { chown, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { EmbeddedPostgresError, fileError, nodeErrorCode } from './embedded.errors.js';

/** What is to be known to reach a data directory's server again; kept beside the data, readable by its owner alone. */
export interface Credentials {
  readonly password: string;
  /** The port of the last start, tried first at the next one. */
  readonly port?: number;
}

export const newPassword = (): string => randomBytes(18).toString('base64url');

/** Undefined if there are none. */
export async function readCredentials(path: string): Promise<Credentials | undefined> {
  try {
    const found: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (isCredentials(found)) return found;
  } catch (error) {
    if (nodeErrorCode(error) === 'ENOENT') return undefined;
    if (!(error instanceof SyntaxError)) throw fileError(error, path);
  }
  throw new EmbeddedPostgresError(
    'start-failed',
    `${path} does not hold the password of the data beside it: restore it`,
  );
}

/** Written aside and moved, so that a crash or a full disk leaves the old ones. */
export async function writeCredentials(path: string, credentials: Credentials): Promise<void> {
  try {
    await writeFile(`${path}.new`, `${JSON.stringify(credentials)}\n`, { mode: 0o600 });
    // Root starting a server of somebody else must not lock them out of it.
    const before = await stat(path).catch(() => undefined);
    if (before !== undefined && process.getuid?.() === 0) await chown(`${path}.new`, before.uid, before.gid);
    await rename(`${path}.new`, path);
  } catch (error) {
    throw fileError(error, path);
  }
}

const isCredentials = (value: unknown): value is Credentials =>
  typeof value === 'object' && value !== null && 'password' in value && typeof value.password === 'string';
