import { explainStartupFailure } from './startup-failure.js';

export interface MigratingService {
  readonly service: string;
  readonly migrate?: () => Promise<readonly string[]>;
}

/**
 * Applies the migrations of a service and tells the person or job that asked: one line for what was done or what they can mend,
 * the stack for a defect.
 *
 * @returns the exit code
 */
export async function migrateAlone({ service, migrate }: MigratingService): Promise<0 | 1> {
  try {
    if (migrate === undefined) {
      process.stderr.write(`${service} did not migrate: it has no database\n`);
      return 1;
    }
    const applied = await migrate();
    process.stdout.write(
      applied.length === 0
        ? `${service}: nothing to migrate\n`
        : `${service}: migrations applied: ${applied.join(', ')}\n`,
    );
    return 0;
  } catch (error) {
    process.stderr.write(`${service} did not migrate: ${reasonOf(error)}\n`);
    return 1;
  }
}

function reasonOf(error: unknown): string {
  const explanation = explainStartupFailure(error, undefined);
  if (explanation !== undefined) return explanation;
  if (!(error instanceof Error)) return String(error);
  // By name: this library does not see the one that migrates. The message names the file, or says what the server said.
  return error.name === 'MigrationError' ? error.message.replaceAll(/\s*\n\s*/g, ' ') : (error.stack ?? error.message);
}
