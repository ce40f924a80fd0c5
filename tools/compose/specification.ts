import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Ajv } from 'ajv';
import type { ComposeFile, ComposeService } from './compose-file.ts';

/** The schema of the Compose specification, which dclint carries, as a function that says what is wrong with a file. */
export function specification(): (file: unknown) => string[] {
  const require = createRequire(import.meta.url);
  const folder = path.dirname(require.resolve('dclint/package.json'));
  const schema = JSON.parse(readFileSync(path.join(folder, 'schemas/compose.schema.json'), 'utf8')) as object;
  // The file names its dialect by an address that Ajv does not know; it is draft 7, which Ajv takes anyway.
  Reflect.deleteProperty(schema, '$schema');
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
  return (file) => (validate(file) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message ?? ''}`));
}

/** What a file refers to and does not have. */
export function loose(file: ComposeFile): string[] {
  return Object.entries(file.services).flatMap(([name, service]) =>
    [
      ...Object.keys(service.depends_on ?? {}).filter((other) => !(other in file.services)),
      ...namedVolumes(service).filter((volume) => !(volume in (file.volumes ?? {}))),
      ...(service.networks ?? []).filter((network) => !(network in (file.networks ?? {}))),
      ...(service.secrets ?? []).filter((secret) => !(secret in (file.secrets ?? {}))),
    ].map((missing) => `${name}: ${missing}`),
  );
}

/** The files and folders of this checkout that are mounted. */
export function hostPaths(file: ComposeFile): string[] {
  const sources = Object.values(file.services).flatMap(({ volumes = [] }) =>
    volumes.map((mount) => mount.split(':')[0]),
  );
  return [...new Set(sources.filter((source) => source?.startsWith('.')))].map(String).sort();
}

const namedVolumes = (service: ComposeService): string[] =>
  (service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '').filter((source) => !source.startsWith('.'));
