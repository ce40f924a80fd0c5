import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { transformFileSync } from '@swc/core';

export interface Transpiled {
  /** The file that runs. */
  readonly main: string;
  /** Packages that the file and everything it imports need. */
  readonly packages: readonly string[];
}

/** A file and all that it imports, as plain JavaScript of one module kind in a directory of its own. */
export function transpile(main: string, root: string, target: string, type: 'es6' | 'commonjs'): Transpiled {
  const packages = new Set<string>();
  const files = new Set<string>([main]);
  // A set grows while it is walked.
  for (const file of files) {
    const { code } = transformFileSync(file, {
      swcrc: false,
      jsc: {
        target: 'es2023',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        keepClassNames: true,
      },
      module: { type },
    });
    for (const [, specifier = ''] of code.matchAll(/(?:from|import|require\()\s*['"]([^'"]+)['"]/g)) {
      if (specifier.startsWith('.')) files.add(join(dirname(file), specifier.replace(/\.js$/, '.ts')));
      else packages.add(specifier);
    }
    const output = join(target, relative(root, file)).replace(/\.ts$/, '.js');
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, code);
  }
  writeFileSync(join(target, 'package.json'), JSON.stringify({ type: type === 'es6' ? 'module' : 'commonjs' }));
  return { main: join(target, relative(root, main)).replace(/\.ts$/, '.js'), packages: [...packages].sort() };
}
