import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from '../launcher/workspace.ts';
import { environmentFile } from './environment-file.ts';

const file = path.join(workspaceRoot, '.env');
const { content, adminKey } = environmentFile();
try {
  writeFileSync(file, content, { mode: 0o600, flag: 'wx' });
  process.stdout.write(`${file} is written. The admin key, which is shown only now:\n${adminKey}\n`);
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  process.stderr.write(
    `${file} is there already, and a database may have been made with its passwords: it stays as it is\n`,
  );
  process.exitCode = 1;
}
