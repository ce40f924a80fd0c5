import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dashboards, fileOf } from '../dashboards.ts';
import type { Answers } from './answers.ts';
import { picture } from './picture.ts';
import type { DashboardJson } from './picture.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write(
    'usage: npm run dashboards:pictures -- <folder with the answers of a run (DASHBOARD_ANSWERS)>\n',
  );
  process.exit(1);
}

const pictures = path.resolve(import.meta.dirname, '../../../docs/images/dashboards');
mkdirSync(pictures, { recursive: true });
for (const dashboard of dashboards) {
  const json = JSON.parse(readFileSync(fileOf(dashboard), 'utf8')) as DashboardJson;
  const answers = JSON.parse(readFileSync(path.join(folder, `${dashboard.file}.json`), 'utf8')) as Answers;
  const file = path.join(pictures, `${dashboard.file}.svg`);
  writeFileSync(file, picture(json, answers));
  process.stdout.write(`${path.relative(process.cwd(), file)}\n`);
}
