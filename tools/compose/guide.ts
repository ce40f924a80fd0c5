import { readFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from '../launcher/workspace.ts';

/**
 * The commands that a section of docs/deployment.md tells its reader to type, block by block.
 *
 * @throws Error when there is no such section
 */
export function commandsOf(heading: string): string[] {
  const text = readFileSync(path.join(workspaceRoot, 'docs/deployment.md'), 'utf8');
  const section = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/deployment.md has no section "${heading}"`);
  return [...section.matchAll(/^ *```bash\n(?<commands>.*?)^ *```$/gms)].map(
    (match) => match.groups?.['commands'] ?? '',
  );
}

/** @throws Error when the section does not have exactly a block that saves and a block that brings back */
export function backupAndRestore(): { readonly backup: string; readonly restore: string } {
  const [backup, restore, ...more] = commandsOf('Backup and restore');
  if (backup === undefined || restore === undefined || more.length > 0) {
    throw new Error('docs/deployment.md should have two blocks of commands under "Backup and restore"');
  }
  return { backup, restore };
}
