import { createHash, randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventInput } from '@signalpress/contracts';
import { sql } from '@signalpress/persistence';
import sharp from 'sharp';
import type { MockupService } from './service.js';
import { startMockupGeneration } from './service.js';

const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');

function command(
  overrides: Partial<EventInput<'mockups.requested'>> = {},
): EventInput<'mockups.requested'> & { ideaId: string; commandId: string } {
  const ideaId = randomUUID();
  return {
    ideaId,
    commandId: sha256(`${ideaId}:mockups:1`),
    attempt: 1,
    phrase: 'Strawberries Above the Street',
    topics: ['gardening'],
    products: ['t-shirt'],
    requestedAt: '2026-05-04T09:30:02.300Z',
    ...overrides,
  };
}

describe('mockup-generation', () => {
  let service: MockupService;
  beforeAll(async () => {
    service = await startMockupGeneration();
  }, 60_000);
  afterAll(() => service.close());

  const generated = async (ideaId: string, count = 1) =>
    (await service.waitForEvents('mockups.generated', { key: ideaId, count })).map(({ data }) => data);
  const filesOnDisk = async (): Promise<string[]> => {
    const entries = await readdir(service.filesDirectory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  };

  it('renders a print-ready design and a preview of each product, and serves them', async () => {
    const request = command({ products: ['t-shirt', 'mug', 'poster'] });
    await service.emit('mockups.requested', request);
    const [event] = await generated(request.ideaId);
    expect(event).toMatchObject({ commandId: request.commandId, attempt: 1 });
    expect(event!.previews.map(({ product }) => product)).toEqual(['t-shirt', 'mug', 'poster']);

    const path = join(service.filesDirectory, event!.design.hash.slice(0, 2), event!.design.hash);
    expect(await sharp(path).metadata()).toMatchObject({
      format: 'png',
      width: 4_500,
      height: 5_400,
      density: 300,
      hasAlpha: true,
    });
    for (const file of [event!.design, ...event!.previews.map((preview) => preview.file)]) {
      const response = await fetch(`${service.url}/files/${file.hash}`);
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(response.status).toBe(200);
      expect(sha256(bytes)).toBe(file.hash);
      expect(bytes.length).toBe(file.bytes);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': file.mediaType,
        'content-length': String(file.bytes),
        'cache-control': 'public, max-age=31536000, immutable',
        etag: `"${file.hash}"`,
      });
      const again = await fetch(`${service.url}/files/${file.hash}`, {
        headers: { 'if-none-match': `"${file.hash}"` },
      });
      expect([again.status, await again.text()]).toEqual([304, '']);
    }
    const view = await (await fetch(`${service.url}/mockups/${request.ideaId}`)).json();
    expect(view).toMatchObject({ ideaId: request.ideaId, items: [{ state: 'generated', design: event!.design }] });
  });

  it('answers a repeated command once', async () => {
    const request = command();
    await service.emit('mockups.requested', request);
    await service.emit('mockups.requested', request);
    await generated(request.ideaId);
    const marker = command({ phrase: 'Cold Water Club' });
    await service.emit('mockups.requested', marker);
    await generated(marker.ideaId);
    expect(await generated(request.ideaId)).toHaveLength(1);
    const rows = await service.db.kysely
      .selectFrom('mockups')
      .select('state')
      .where('idea_id', '=', request.ideaId)
      .execute();
    expect(rows).toHaveLength(1);
  });

  it('gives equal files for an equal brief, however often it is asked', async () => {
    const first = command();
    await service.emit('mockups.requested', first);
    const [one] = await generated(first.ideaId);
    const before = await filesOnDisk();
    await service.emit('mockups.requested', {
      ...first,
      commandId: sha256(`${first.ideaId}:mockups:2`),
      attempt: 2,
    });
    const other = (await generated(first.ideaId, 2)).find(({ attempt }) => attempt === 2);
    expect(other!.design).toEqual(one!.design);
    expect(other!.previews).toEqual(one!.previews);
    expect((await filesOnDisk()).sort()).toEqual(before.sort());
  });

  it('finishes what a process left behind when it died between file and row', async () => {
    const request = command({ phrase: 'Moss Is Boss' });
    await service.emit('mockups.requested', request);
    const [first] = await generated(request.ideaId);
    // The files are there; row and event are not, and the lease of the dead process has run out.
    await sql`delete from files where hash = ${first!.design.hash}`.execute(service.db.kysely);
    await sql`
      update mockups set state = 'pending', template = null, palette = null, design = null, previews = null, finished_at = null
      where command_id = ${request.commandId}`.execute(service.db.kysely);
    await sql`
      update jobs set state = 'running', lease_until = clock_timestamp() - interval '1 second', finished_at = null
      where name = 'render' and key = ${request.commandId}`.execute(service.db.kysely);
    expect((await generated(request.ideaId, 2))[1]!.design).toEqual(first!.design);
    expect((await fetch(`${service.url}/files/${first!.design.hash}`)).status).toBe(200);
  });

  it('says which character it cannot draw', async () => {
    const request = command({ phrase: 'Rain ☂ Again' });
    await service.emit('mockups.requested', request);
    const [failed] = await service.waitForEvents('mockups.failed', { key: request.ideaId });
    const event = failed?.data;
    expect(event).toMatchObject({ ideaId: request.ideaId, commandId: request.commandId, code: 'glyph-missing' });
    expect(event!.message).toContain('☂');
    const view = await (await fetch(`${service.url}/mockups/${request.ideaId}`)).json();
    expect(view).toMatchObject({ items: [{ state: 'failed', failure: { code: 'glyph-missing' }, previews: [] }] });
  });

  it('answers 404 for a file that it does not have and 400 for what is no hash', async () => {
    const unknown = await fetch(`${service.url}/files/${'0'.repeat(64)}`);
    expect(unknown.status).toBe(404);
    expect(unknown.headers.get('content-type')).toContain('application/problem+json');
    for (const hash of ['nonsense', 'A'.repeat(64), '..%2f..%2fetc%2fpasswd']) {
      expect((await fetch(`${service.url}/files/${hash}`)).status).toBe(400);
    }
    expect((await fetch(`${service.url}/mockups/${randomUUID()}`)).status).toBe(404);
    expect((await fetch(`${service.url}/mockups/nonsense`)).status).toBe(400);
  });

  it('does not pretend to have a file that has gone from the disk', async () => {
    const request = command({ phrase: 'Fix It Friday' });
    await service.emit('mockups.requested', request);
    const [event] = await generated(request.ideaId);
    const { hash } = event!.previews[0]!.file;
    await rm(join(service.filesDirectory, hash.slice(0, 2), hash));
    const response = await fetch(`${service.url}/files/${hash}`);
    expect([response.status, response.headers.get('cache-control')]).toEqual([404, 'no-store']);
  });

  it('measures what it does', async () => {
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toMatch(/mockups_finished_total\{.*outcome="generated".*\} [1-9]/);
    expect(metrics).toMatch(/^files_free_bytes [1-9]/m);
    expect(metrics).toMatch(/mockup_render_duration_seconds_count\{.*kind="design".*\} [1-9]/);
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
  });
});
