import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Finished } from './platform.js';
import { makeFolder, parseReport, Start } from './platform.js';

const portOffset = 13_000;

/** Simulated: an old feed with one item, written for this test. */
const oldFeed = `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0">
  <title>Old news</title><id>urn:example:old</id><updated>2024-03-02T08:00:00Z</updated>
  <entry>
    <id>urn:example:old:1</id><title>Grandmothers race rubber ducks down the village creek</title>
    <updated>2024-03-02T08:00:00Z</updated><published>2024-03-02T08:00:00Z</published>
    <link href="https://feeds.example/ducks"/><summary>A simulated story.</summary>
  </entry>
</feed>`;

describe('an old feed', () => {
  let folder: string;
  let file: string;

  beforeAll(() => {
    folder = makeFolder();
    file = path.join(folder, 'old.atom');
    writeFileSync(file, oldFeed);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (name: string, ...args: string[]): Promise<Finished> =>
    new Start([
      ...['--data-dir', path.join(folder, name), '--port-offset', String(portOffset), '--feed', file],
      ...['--until-idle', '--json', ...args],
    ]).finished();

  it('is stale today', async () => {
    const run = await start('today');
    expect(run.exitCode).toBe(0);
    expect(parseReport(run).items).toMatchObject([
      { outcome: 'rejected', detail: expect.stringContaining('score-threshold') },
    ]);
  });

  it('is listed when it is replayed at its date', async () => {
    const run = await start('then', '--as-of', '2024-03-02T09:00:00Z');
    expect(run.exitCode).toBe(0);
    const report = parseReport(run);
    expect(report.items).toMatchObject([{ outcome: 'listed' }]);
    expect(report.publishLatencyMs?.max).toBeLessThan(report.wallMs + 1_000);
  });

  it('that is not there is one clear line', async () => {
    const run = await new Start([
      '--feed',
      path.join(folder, 'none.rss'),
      '--until-idle',
      '--data-dir',
      path.join(folder, 'today'),
      '--port-offset',
      String(portOffset),
    ]).finished();
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toMatch(/^signalpress: there is no file .*none\.rss$/m);
  });

  it('that is no feed is one clear line', async () => {
    const text = path.join(folder, 'letter.txt');
    writeFileSync(text, 'Dear Sir or Madam, this is a letter.');
    const run = await new Start([
      '--feed',
      text,
      '--until-idle',
      '--data-dir',
      path.join(folder, 'today'),
      '--port-offset',
      String(portOffset),
    ]).finished();
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toMatch(/^signalpress: signal-ingestion refused \/ingestions: .+$/m);
  });
});
