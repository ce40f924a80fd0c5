import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, isUnavailable } from '../database/database.errors.js';
import type { DatabaseOptions } from '../database/database.pool.js';
import { MigrationError } from './migrations.errors.js';
import { migrate } from './migrations.js';
import type { Migrations } from './migrations.js';

export interface MigrationOptions extends DatabaseOptions {
  /** Applied in this order. */
  readonly migrations: Migrations[];
  /** How long to wait for a database that is away (milliseconds); default 15000. */
  readonly startTimeoutMs?: number;
}

const DEFAULT_START_TIMEOUT_MS = 15_000;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 2_000;
const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * Migrates the database. Containers start in any order, so one that is away is waited for, with full jitter, up to a bound.
 *
 * @param onWait is told once that the database is away
 * @returns the names of the files that were applied, as `source/file`
 * @throws MigrationError when the database refuses; the error of the connection when it stays away
 */
export async function migrateWhenThere(
  options: MigrationOptions,
  onWait: () => void = () => undefined,
): Promise<string[]> {
  const deadline = Date.now() + (options.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS);
  for (let ceiling = FIRST_WAIT_MS; ; ceiling = Math.min(2 * ceiling, LONGEST_WAIT_MS)) {
    try {
      return await migrate(options, options.migrations);
    } catch (error) {
      if (!isUnavailable(error) || Date.now() > deadline) throw refusal(error);
      if (ceiling === FIRST_WAIT_MS) onWait();
      await sleep(Math.random() * ceiling);
    }
  }
}

/** A wrong password, a missing database or right: the server's own words say what to mend. */
function refusal(error: unknown): unknown {
  const code = errorCode(error);
  if (!(error instanceof Error) || error instanceof MigrationError || code === undefined) return error;
  if (!SQLSTATE.test(code) || isUnavailable(error)) return error;
  return new MigrationError(`The database refuses to be migrated: ${error.message}`, { cause: error });
}
