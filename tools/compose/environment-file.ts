import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from '../launcher/workspace.ts';

export interface EnvironmentFile {
  readonly content: string;
  /** Shown once; the file holds its hash. */
  readonly adminKey: string;
}

/** `.env` for docker-compose.yml: `.env.example` with fresh secrets. */
export function environmentFile(): EnvironmentFile {
  const adminKey = secret();
  const example = readFileSync(path.join(workspaceRoot, '.env.example'), 'utf8');
  const content = example.replaceAll(/^([A-Z0-9_]+)=$/gm, (_, name: string) => {
    const hash = createHash('sha256').update(adminKey).digest('hex');
    return `${name}=${name === 'ADMIN_KEY_SHA256' ? hash : secret()}`;
  });
  return { content, adminKey };
}

/** Hexadecimal: it may stand in an address as it is. */
const secret = (): string => randomBytes(24).toString('hex');
