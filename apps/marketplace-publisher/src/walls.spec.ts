import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const source = dirname(fileURLToPath(import.meta.url));

/** Every relative import of the files under a folder, as a path from `src`. */
function importsOf(folder: string): { file: string; target: string }[] {
  const entries = readdirSync(join(source, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .flatMap((entry) => {
      const file = join(entry.parentPath, entry.name);
      const specifiers = readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g);
      return [...specifiers].map((match) => ({
        file: relative(source, file),
        target: relative(source, resolve(dirname(file), match[1] ?? '')),
      }));
    });
}

describe('the wall between publishing and storefront', () => {
  it.each(['publishing', 'storefront'])('%s imports only what is its own', (folder) => {
    const imports = importsOf(folder);
    expect(imports.length).toBeGreaterThan(10);
    expect(imports.filter(({ target }) => !target.startsWith(folder + sep))).toEqual([]);
  });
});
