import { createHash, randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { isNodeError, StoreFullError } from './files.errors.js';

/** Files by content hash on a local disk. A file is complete or absent, and never changes. */
export class FileStore {
  constructor(readonly directory: string) {}

  /**
   * Stores bytes and answers their SHA-256. Writes beside the place and renames, so that a crash leaves no half file and two
   * writers of equal content do not disturb each other.
   * @throws StoreFullError when the disk has no room; later it may have
   */
  async put(bytes: Buffer): Promise<string> {
    const hash = createHash('sha256').update(bytes).digest('hex');
    const path = this.pathOf(hash);
    if (await hasSize(path, bytes.length)) return hash;
    const draft = `${path}.${randomUUID()}.tmp`;
    try {
      await mkdir(this.folderOf(hash), { recursive: true });
      const file = await open(draft, 'wx');
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      if (isNodeError(error, 'ENOSPC', 'EDQUOT')) throw new StoreFullError(error);
      throw error;
    }
    return hash;
  }

  /** The open file, or undefined; the caller closes it. */
  async open(hash: string): Promise<FileHandle | undefined> {
    try {
      return await open(this.pathOf(hash), 'r');
    } catch (error) {
      if (isNodeError(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** The disk under the files, in bytes; undefined before the first file made the folder. */
  async disk(): Promise<{ freeBytes: number; capacityBytes: number } | undefined> {
    try {
      const { bavail, blocks, bsize } = await statfs(this.directory);
      return { freeBytes: bavail * bsize, capacityBytes: blocks * bsize };
    } catch (error) {
      if (isNodeError(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  pathOf(hash: string): string {
    return join(this.folderOf(hash), hash);
  }

  private folderOf(hash: string): string {
    // 256 folders keep each one small.
    return join(this.directory, hash.slice(0, 2));
  }
}

async function hasSize(path: string, size: number): Promise<boolean> {
  try {
    return (await stat(path)).size === size;
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return false;
    throw error;
  }
}
