import { execFile } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectedShapes } from './trace-shapes.js';
import { transpile } from './transpile.js';
import type { Transpiled } from './transpile.js';

interface Report {
  readonly nest: string;
  readonly without: Record<string, string>;
  readonly withIt: Record<string, string>;
  readonly names: string[];
  readonly unhandled: string[];
  readonly traces: number;
  readonly shapes: unknown;
}

const library = fileURLToPath(new URL('../../src/', import.meta.url));
const here = fileURLToPath(new URL('./', import.meta.url));
const program = fileURLToPath(new URL('../../../../tools/nest-11/conformance.cjs', import.meta.url));

let directory: string;
let entry: Transpiled;
let report: Report;
beforeAll(async () => {
  const parent = fileURLToPath(new URL('../../out-tsc/', import.meta.url));
  mkdirSync(parent, { recursive: true });
  directory = mkdtempSync(join(parent, 'nest-11-'));
  entry = transpile(join(library, 'nest-instrument.ts'), library, join(directory, 'library'), 'es6');
  const app = transpile(join(here, 'conformance-app.ts'), here, join(directory, 'app'), 'commonjs');
  const shapes = transpile(join(here, 'trace-shapes.ts'), here, join(directory, 'app'), 'commonjs');
  const run = promisify(execFile);
  const options = { maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await run(process.execPath, [program, entry.main, app.main, shapes.main], options);
  report = JSON.parse(stdout) as Report;
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('Nest 11 in CommonJS, which requires the entry point @signalpress/observability/nest-instrument', () => {
  it('needs neither Nest nor Sentry nor an SDK', () => {
    expect(entry.packages.filter((name) => !name.startsWith('node:'))).toEqual([
      '@opentelemetry/api',
      '@opentelemetry/core',
      'reflect-metadata',
    ]);
  });

  it('answers, side effects and errors are the same with and without the instrumentation', () => {
    expect(report.nest).toBe('11.2.10');
    expect(report.withIt).toEqual(report.without);
    expect(Object.keys(report.without).length).toBeGreaterThan(35);
    expect(Object.values(report.without).filter((seen) => seen.startsWith('threw'))).toEqual([]);
  });

  it("sees the application's own classes and none of Nest's", () => {
    expect(report.names).toEqual(expect.arrayContaining(['Private.next', 'CrudController.list', 'Symbols[label]']));
    expect(report.names.filter((name) => /^(Reflector|ParseIntPipe|ModuleRef|HttpException)/.test(name))).toEqual([]);
  });

  it('leaves a rejection that nobody handles unhandled, and heard once', () => {
    expect(report.unhandled).toEqual(['nobody listens']);
  });

  it('nests spans under concurrency', () => {
    expect(report.traces).toBe(800);
    expect(report.shapes).toEqual(expectedShapes(400));
  });
});
