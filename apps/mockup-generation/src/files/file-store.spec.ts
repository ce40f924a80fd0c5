import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FileStore } from './file-store.js';

describe('FileStore', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'file-store-'));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  it('keeps equal content once, complete, and nothing beside it', async () => {
    const store = new FileStore(directory);
    const bytes = Buffer.from('a design');
    const hashes = await Promise.all([store.put(bytes), store.put(bytes), store.put(bytes)]);
    expect(new Set(hashes)).toEqual(new Set([createHash('sha256').update(bytes).digest('hex')]));
    expect(await readFile(store.pathOf(hashes[0]))).toEqual(bytes);
    expect(await readdir(join(directory, hashes[0].slice(0, 2)))).toEqual([hashes[0]]);
  });

  it('tells how much room the disk has, once there is a folder', async () => {
    expect(await new FileStore(join(directory, 'not-yet')).disk()).toBeUndefined();
    const disk = await new FileStore(directory).disk();
    expect(disk?.freeBytes).toBeGreaterThan(0);
    expect(disk?.capacityBytes).toBeGreaterThanOrEqual(disk?.freeBytes ?? Infinity);
  });

  it('knows nothing of what it does not have', async () => {
    expect(await new FileStore(directory).open('0'.repeat(64))).toBeUndefined();
  });
});
