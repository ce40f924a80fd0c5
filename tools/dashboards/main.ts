import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { render } from './dashboard.ts';
import { dashboards, fileOf } from './dashboards.ts';

for (const dashboard of dashboards) {
  const file = fileOf(dashboard);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, render(dashboard));
  process.stdout.write(`${path.relative(process.cwd(), file)}\n`);
}
