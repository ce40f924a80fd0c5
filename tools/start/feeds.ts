import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LaunchError } from '../launcher/failure.ts';
import { renderSample } from './sample/render.ts';

/** What is handed to `POST /ingestions`: a document that we read, or a URL that signal-ingestion fetches itself. */
export type FeedRequest = { readonly source: string; readonly document: string } | { readonly url: string };

export interface Feed {
  /** How the person at the terminal called it. */
  readonly label: string;
  readonly request: FeedRequest;
}

/** @throws LaunchError when a file cannot be read. */
export async function loadFeeds(named: readonly string[], now: Date): Promise<Feed[]> {
  if (named.length === 0) return renderSample(now).map((request) => ({ label: `sample ${request.source}`, request }));
  return Promise.all(named.map(loadFeed));
}

async function loadFeed(name: string): Promise<Feed> {
  if (/^https?:\/\//i.test(name)) return { label: name, request: { url: name } };
  try {
    const document = await readFile(name, 'utf8');
    return { label: name, request: { source: `feed:${path.parse(name).name.slice(0, 100)}`, document } };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new LaunchError(code === 'ENOENT' ? `there is no file ${name}` : `${name} cannot be read: ${String(code)}`);
  }
}
