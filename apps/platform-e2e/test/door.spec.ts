import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serviceNames } from '@signalpress/contracts';
import { waitFor } from '@signalpress/testing';
import {
  filesHolding,
  makeFolder,
  metricsTokenFile,
  openPorts,
  processesMentioning,
  Start,
  urlOf,
} from './platform.js';

const portOffset = 12_000;
const gateway = urlOf('api-gateway', portOffset);

/** Simulated: two items of our own. */
const feed = (now: Date): string =>
  JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: 'End-to-end',
    items: [
      {
        id: 'e2e-lighthouse',
        url: 'https://feeds.example/lighthouse',
        title: 'Lighthouse keepers knit storm blankets for puffins',
        content_text: 'A simulated story about wool, wind and birds.',
        date_published: new Date(now.getTime() - 1_800_000).toISOString(),
        tags: ['knitting', 'birds'],
      },
      { id: 'e2e-empty', content_text: 'An item without a title.' },
    ],
  });

describe('the platform behind its door', () => {
  let dataDirectory: string;
  let start: Start;
  let adminKey: string;

  const get = (route: string, key = adminKey): Promise<Response> =>
    fetch(`${gateway}${route}`, { headers: key === '' ? {} : { authorization: `Bearer ${key}` } });
  const json = async (route: string): Promise<Record<string, unknown>> => {
    const response = await get(route);
    expect({ route, status: response.status }).toEqual({ route, status: 200 });
    return (await response.json()) as Record<string, unknown>;
  };

  beforeAll(async () => {
    dataDirectory = makeFolder();
    const file = path.join(dataDirectory, 'own.json');
    writeFileSync(file, feed(new Date()));
    start = new Start(['--data-dir', dataDirectory, '--port-offset', String(portOffset), '--feed', file]);
    await waitFor(() => start.stdout.includes('Ctrl-C stops everything') || start.child.exitCode !== null, {
      timeoutMs: 240_000,
      message: () => start.stderr,
    });
    adminKey = /sp_admin_[\w-]+/.exec(start.stdout)?.[0] ?? '';
  });

  afterAll(() => {
    start.child.kill('SIGKILL');
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  it('shows the admin key once and keeps only its hash', () => {
    expect(adminKey).not.toBe('');
    expect(filesHolding(path.join(dataDirectory, 'keys'), [adminKey])).toEqual([]);
    expect(filesHolding(path.join(dataDirectory, 'logs'), [adminKey])).toEqual([]);
  });

  it.each([
    '/signals',
    '/ideas',
    '/latency',
    '/progress',
    '/status',
    '/listings',
    '/performance',
    '/admin/orchestrator/dead-letters',
  ])('%s answers 401 without the key and 200 with it', async (route) => {
    const without = await get(route, '');
    expect(without.status).toBe(401);
    expect(without.headers.get('www-authenticate')).toContain('Bearer');
    expect(without.headers.get('content-type')).toContain('application/problem+json');
    expect((await get(route)).status).toBe(200);
  });

  it('lets nobody look at the inside of a service', async () => {
    for (const route of [
      '/metrics',
      '/storefront/api/listings',
      '/storefront/../listings',
      '/storefront/%2e%2e/listings',
      '/dead-letters',
    ]) {
      const response = await get(route, '');
      expect({ route, open: response.ok }).toEqual({ route, open: false });
    }
  });

  it('tells each step of an idea with its time and trace', async () => {
    const { ideas, items } = await json('/ideas?state=listed');
    const [idea] = (ideas ?? items) as Array<{ ideaId?: string; id?: string }>;
    const timeline = await json(`/ideas/${String(idea?.ideaId ?? idea?.id)}/timeline`);
    const steps = timeline['steps'] as Array<{ type: string; at: string; traceId: string | null }>;
    expect(steps.map((step) => step.type)).toEqual([
      'signals.ingested',
      'ideas.scored',
      'ideas.decided',
      'mockups.requested',
      'mockups.generated',
      'listings.requested',
      'listings.published',
    ]);
    const times = steps.map((step) => Date.parse(step.at));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(steps.map((step) => step.traceId)).size).toBe(1);
  });

  it('shows the listing with its picture to everybody', async () => {
    const page = await get('/storefront', '');
    expect(page.status).toBe(200);
    const html = await page.text();
    const source = /<img[^>]+src="([^"]+)"/.exec(html)?.[1] ?? '';
    const picture = await fetch(new URL(source, `${gateway}/storefront`));
    expect({ source, status: picture.status }).toEqual({ source, status: 200 });
    expect(picture.headers.get('content-type')).toMatch(/^image\//);
    expect((await picture.arrayBuffer()).byteLength).toBeGreaterThan(2_000);
  });

  it('answers bad input with what to change', async () => {
    const response = await fetch(`${gateway}/signals`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ title: 7 }),
    });
    expect(response.status).toBe(400);
    const problem = (await response.json()) as { errors: Array<{ field: string }> };
    expect(problem.errors.map((error) => error.field)).toContain('title');
  });

  it.each(serviceNames)('%s is ready, alive and measured', async (name) => {
    const url = urlOf(name, portOffset);
    for (const route of ['/health/live', '/health/ready', '/health/startup', '/health']) {
      expect({ route, status: (await fetch(`${url}${route}`)).status }).toEqual({ route, status: 200 });
    }
    // The gateway is public: it shows its metrics to the holder of a token alone, which monitoring has for that reason.
    const needsToken = name === 'api-gateway' || name === 'monitoring';
    const token = readFileSync(metricsTokenFile(dataDirectory), 'utf8').trim();
    expect((await fetch(`${url}/metrics`)).status).toBe(needsToken ? 401 : 200);
    const headers = needsToken ? { authorization: `Bearer ${token}` } : {};
    const metrics = await (await fetch(`${url}/metrics`, { headers })).text();
    expect(metrics).toMatch(/^process_resident_memory_bytes \d/m);
    expect(metrics).toContain('http_server_request_duration_seconds');
  });

  it('gives the next run the same port only when it is free', async () => {
    const other = makeFolder();
    const second = await new Start(['--data-dir', other, '--port-offset', String(portOffset)]).finished();
    rmSync(other, { recursive: true, force: true });
    expect(second.exitCode).toBe(1);
    expect(second.stderr.trim().split('\n').at(-1)).toMatch(/port 20000 \(api-gateway\) is taken by another process/);
  });

  it('stops in order at Ctrl-C and leaves nothing', async () => {
    const { exitCode } = await start.interrupt();
    expect(exitCode).toBe(0);
    expect(await openPorts(portOffset)).toEqual([]);
    expect(processesMentioning(dataDirectory)).toEqual([]);
  });

  const asRoot = process.getuid?.() === 0 ? it : it.skip; // An ordinary user runs the database as himself.
  asRoot('says in one line which folder the database may not enter', async () => {
    const closed = path.join(dataDirectory, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const data = path.join(closed, 'data');
    const run = await new Start(['--data-dir', data, '--port-offset', String(portOffset)]).finished();
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toMatch(/^signalpress: PostgreSQL runs as the user \w+ .*may not enter .*closed.*$/m);
  });

  it('refuses data of another PostgreSQL in one line', async () => {
    const version = path.join(dataDirectory, 'postgres', 'PG_VERSION');
    const major = readFileSync(version, 'utf8').trim();
    writeFileSync(version, '9\n');
    const run = await new Start(['--data-dir', dataDirectory, '--port-offset', String(portOffset)]).finished();
    expect(run.exitCode).toBe(1);
    const lines = run.stderr
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('signalpress:'));
    expect(lines).toEqual([expect.stringMatching(new RegExp(`9.*${major}|${major}.*9`))]);
  });
});
