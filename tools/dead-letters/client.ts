import { problemDetails } from '@signalpress/contracts';
import type { Options } from './options.ts';

const TIMEOUT_MS = 30_000;

/** The other side refused, or there is no other side; the message is one line for a person. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
}

/** @throws RequestError */
export async function ask(options: Options): Promise<unknown> {
  const { command, endpoint, id, limit } = options;
  if (command === 'list') return request(options, `${endpoint}?limit=${limit}`, 'GET');
  if (command === 'show') return request(options, `${endpoint}/${id}`, 'GET');
  return request(options, `${endpoint}/${id}/replay`, 'POST');
}

async function request({ key }: Options, url: string, method: 'GET' | 'POST'): Promise<unknown> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (key !== undefined) headers['authorization'] = `Bearer ${key}`;
  const response = await fetch(url, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    (cause: unknown) => {
      throw new RequestError(`${url} does not answer: is it running? (${reasonOf(cause)})`, { cause });
    },
  );
  const body = await bodyOf(response);
  if (response.ok) return body;
  const problem = problemDetails.safeParse(body).data;
  const detail = problem?.detail ?? problem?.title ?? response.statusText;
  throw new RequestError(
    `${response.status} ${detail}${problem?.traceId === undefined ? '' : ` (trace ${problem.traceId})`}`,
  );
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message;
}
