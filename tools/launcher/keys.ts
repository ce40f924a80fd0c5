import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Keys {
  readonly adminKeySha256: string;
  readonly storefrontApiKey: string;
  /** What the gateway, which is public, wants from whoever asks for its metrics. */
  readonly metricsToken: string;
  /** The admin key itself, only when it was made just now: it is shown once and not kept. */
  readonly newAdminKey?: string;
}

/** Reads the keys of this data directory, or makes them on its first use. Of the admin key only the hash is kept. */
export function loadKeys(dataDirectory: string): Keys {
  const directory = path.join(dataDirectory, 'keys');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const storefrontApiKey = keep(path.join(directory, 'storefront-api-key'), () => randomKey('storefront'));
  // For a scraper's `credentials_file`, which may end in a line break.
  const metricsToken = keep(path.join(directory, 'metrics-token'), () => randomKey('metrics'));
  let newAdminKey: string | undefined;
  const adminKeySha256 = keep(path.join(directory, 'admin-key.sha256'), () => {
    newAdminKey = randomKey('admin');
    return createHash('sha256').update(newAdminKey).digest('hex');
  });
  return { adminKeySha256, storefrontApiKey, metricsToken, ...(newAdminKey === undefined ? {} : { newAdminKey }) };
}

function keep(file: string, make: () => string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const value = make();
  writeFileSync(file, `${value}\n`, { mode: 0o600, flag: 'wx' });
  return value;
}

function randomKey(kind: string): string {
  return `sp_${kind}_${randomBytes(24).toString('hex')}`;
}
