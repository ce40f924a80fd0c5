import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { envExampleProblems } from './env-example.js';

const directory = mkdtempSync(join(tmpdir(), 'env-example-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A service that listens on port 80 unless told otherwise. */
function load({ PORT, DATABASE_URL }: Record<string, string | undefined>) {
  const port = Number(PORT || '80');
  if (Number.isNaN(port)) throw new Error(`PORT must be a number (it is ${PORT})`);
  return { PORT: port, DATABASE_URL };
}

describe('envExampleProblems', () => {
  const file = pathToFileURL(join(directory, '.env.example'));
  const problems = (text: string) => {
    writeFileSync(file, text);
    return envExampleProblems(file, ['PORT', 'DATABASE_URL'], load);
  };
  const good = '# PORT of the service.\n# PORT=80\nDATABASE_URL=\n# OTEL_SDK_DISABLED=false\n';

  it('finds nothing in an example that says what is read', () => {
    expect(problems(good)).toEqual([]);
  });

  it.each([
    ['a variable that is missing', '# PORT=80', '', ['PORT is read, but not documented']],
    ['one that nobody reads', 'DATABASE_URL=', 'DATABASE_URL=\nHSOT=', ['HSOT is documented, but not read']],
    ['one that is there twice', 'DATABASE_URL=', 'DATABASE_URL=\nPORT=', ['PORT is there twice']],
    ['a value that is not the default', '# PORT=80', '# PORT=81', ['PORT=81 is shown, but is not the default']],
    [
      'a copy that does not start',
      '# PORT=80',
      'PORT=eighty',
      [
        'A copy of the example does not start the service: PORT must be a number (it is eighty)',
        'A copy with all that is commented out does not start the service: PORT must be a number (it is eighty)',
      ],
    ],
  ])('finds %s', (_what, line, instead, found) => {
    expect(problems(good.replace(line, instead))).toEqual(found);
  });
});
