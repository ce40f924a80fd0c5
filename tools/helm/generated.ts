import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { parse } from 'yaml';
import { chartDirectory } from './chart-paths.ts';
import { withValuesTable } from './readme-table.ts';
import { valuesSchema } from './values-schema.ts';

/** A file of the chart that is made from its values.yaml and from what the services read. */
export interface GeneratedFile {
  readonly file: string;
  readonly content: string;
}

/** What values.schema.json and the README should be. */
export async function generatedFiles(): Promise<GeneratedFile[]> {
  const text = readFileSync(path.join(chartDirectory, 'values.yaml'), 'utf8');
  const values: unknown = parse(text);
  const readme = path.join(chartDirectory, 'README.md');
  return [
    await formatted(path.join(chartDirectory, 'values.schema.json'), JSON.stringify(valuesSchema(values))),
    await formatted(readme, withValuesTable(readFileSync(readme, 'utf8'), text, values)),
  ];
}

export async function updateGenerated(): Promise<void> {
  for (const { file, content } of await generatedFiles()) writeFileSync(file, content);
}

async function formatted(file: string, text: string): Promise<GeneratedFile> {
  return { file, content: await format(text, { ...(await resolveConfig(file)), filepath: file }) };
}
