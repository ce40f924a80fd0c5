import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';

/** The checkout, from `src` and from `dist` alike. */
const workspaceRoot = path.resolve(import.meta.dirname, '../../../..');

export const configurationFile = path.join(workspaceRoot, 'docker/otel-collector/config.yaml');
const manifestFile = path.join(workspaceRoot, 'docker/otel-collector/builder.yaml');
const BUILD_MS = 45 * 60_000;

/** Why there is no collector to try the configuration on. */
export class CollectorUnavailableError extends Error {
  override readonly name = 'CollectorUnavailableError';
}

/**
 * The executable of a real collector for specs.
 *
 * @returns undefined where it cannot be built and is not required.
 * @throws CollectorUnavailableError where it cannot be built and is required.
 */
export function collectorBinary(isRequired: boolean): string | undefined {
  try {
    return builtCollector();
  } catch (error) {
    if (isRequired || !(error instanceof CollectorUnavailableError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return undefined;
  }
}

/**
 * The executable of a real collector, made of the parts that `builder.yaml` lists: kept from an earlier run under
 * `~/.cache/signalpress`, else built now, which takes Go, its module proxy, and ten minutes of two cores.
 *
 * @throws CollectorUnavailableError where it cannot be built.
 */
export function builtCollector(): string {
  const text = readFileSync(manifestFile, 'utf8');
  const manifest = parse(text) as { dist: { name: string; version: string } };
  const { name, version } = manifest.dist;
  // Of what the manifest says, not of its comments.
  const hash = createHash('sha256').update(JSON.stringify(manifest)).digest('hex').slice(0, 12);
  const cache = path.join(homedir(), '.cache', 'signalpress');
  const binary = path.join(cache, `${name}-${version}-${hash}`);
  if (existsSync(binary)) return binary;
  const folder = mkdtempSync(path.join(tmpdir(), 'signalpress-collector-'));
  try {
    writeFileSync(path.join(folder, 'builder.yaml'), text);
    build(folder, version);
    mkdirSync(cache, { recursive: true });
    // It appears under its name in one step: what is there is complete.
    copyFileSync(path.join(folder, name, name), `${binary}.${process.pid}`);
    renameSync(`${binary}.${process.pid}`, binary);
    return binary;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function build(folder: string, version: string): void {
  const builder = `go.opentelemetry.io/collector/cmd/builder@v${version}`;
  const run = spawnSync('go', ['run', builder, '--config', 'builder.yaml'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: BUILD_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.status === 0) return;
  const reason = run.error?.message ?? run.stderr.trimEnd().split('\n').slice(-3).join('\n');
  throw new CollectorUnavailableError(`The collector could not be built: ${reason}`);
}
