import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EmbeddedPostgresError, nodeErrorCode } from './embedded.errors.js';

/** The user PostgreSQL runs as when we are root, which it refuses to run as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Looked for in this order; PostgreSQL wants a user with a name, so an arbitrary uid will not do. */
const CANDIDATES = ['postgres', 'nobody'];

/**
 * Undefined when we are an ordinary user and PostgreSQL runs as the same. As root: the owner of the data that is there
 * already, else `postgres`, else `nobody`.
 */
export async function serverAccount(dataDirectory: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = await readAccounts();
  const data = await stat(dataDirectory).catch(() => undefined);
  const owner = data !== undefined && data.uid !== 0 ? accounts.find(({ uid }) => uid === data.uid) : undefined;
  const known = CANDIDATES.map((name) => accounts.find((account) => account.name === name));
  const account = owner ?? known.find((candidate) => candidate !== undefined);
  if (account !== undefined) return account;
  throw new EmbeddedPostgresError(
    'permission',
    'PostgreSQL refuses to run as root and there is no user postgres or nobody: create one (useradd --system postgres), or run as an ordinary user',
  );
}

async function readAccounts(): Promise<Account[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name !== undefined && Number(uid) > 0 ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

/** Fails with what to do if the account cannot reach a path, because a directory above it is closed to others. */
export async function assertReachable(path: string, account: Account): Promise<void> {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    if (!(await mayEnter(directory, account))) {
      throw new EmbeddedPostgresError(
        'permission',
        `PostgreSQL runs as the user ${account.name} (it refuses root), who may not enter ${directory}: run chmod o+x ${directory}, move the checkout, or run as an ordinary user`,
      );
    }
    if (directory === dirname(directory)) return;
  }
}

async function mayEnter(directory: string, { uid, gid }: Account): Promise<boolean> {
  try {
    const stats = await stat(directory);
    if (stats.uid === uid) return (stats.mode & 0o100) !== 0;
    if (stats.gid === gid) return (stats.mode & 0o010) !== 0;
    return (stats.mode & 0o001) !== 0;
  } catch (error) {
    // Not made yet: we make it, and then it is open.
    return nodeErrorCode(error) === 'ENOENT';
  }
}
