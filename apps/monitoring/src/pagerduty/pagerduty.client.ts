import { Injectable } from '@nestjs/common';
import { UnavailableError } from '@signalpress/messaging';
import { normalizeError } from '@signalpress/observability';
import type { PagerDutyEvent } from './pagerduty.event.js';
import { PagerDutySettings } from './pagerduty.settings.js';

/** A refusal is final: the same event would be refused again. */
export type Answer = { readonly accepted: true } | { readonly accepted: false; readonly reason: string };

/** Statuses that say that the event itself is wrong. Any other but 2xx may be different tomorrow. */
const refusals: ReadonlySet<number> = new Set([400, 413, 422]);
const LONGEST_REASON_BYTES = 2_000;
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** PagerDuty's Events API v2. */
@Injectable()
export class PagerDutyClient {
  constructor(private readonly settings: PagerDutySettings) {}

  /**
   * Sends one event; the same event may be sent again, the dedup key makes it one.
   *
   * @throws UnavailableError on 429, 5xx, any status that does not concern the event, a timeout, or when the network fails
   */
  async send(event: PagerDutyEvent, signal: AbortSignal): Promise<Answer> {
    const limit = AbortSignal.timeout(this.settings.timeoutMs);
    let response: Response;
    try {
      response = await fetch(this.settings.eventsUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: this.settings.bodyOf(event),
        signal: AbortSignal.any([signal, limit]),
        // The key goes nowhere but where it was meant for.
        redirect: 'manual',
      });
    } catch (thrown) {
      const why = limit.aborted ? `no answer within ${this.settings.timeoutMs} ms` : reasonOf(thrown);
      throw new UnavailableError(`PagerDuty is out of reach: ${this.settings.withoutKey(why)}`, {
        code: 'pagerduty-unreachable',
      });
    }
    if (refusals.has(response.status)) {
      const said = await beginningOf(response);
      return { accepted: false, reason: this.settings.withoutKey(`${response.status} ${said}`.trim()) };
    }
    await response.body?.cancel().catch(() => undefined);
    if (response.ok) return { accepted: true };
    const retryAfterMs = retryAfterOf(response.headers.get('retry-after'), Date.now());
    throw new UnavailableError(`PagerDuty answered ${response.status}`, {
      code: response.status === 429 ? 'pagerduty-too-many' : 'pagerduty-unavailable',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}

/** `Retry-After` (RFC 9110, section 10.2.3) in milliseconds from now, at most an hour; undefined when it cannot be read. */
export function retryAfterOf(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), LONGEST_RETRY_AFTER_MS);
}

async function beginningOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      const bytes = chunk as Uint8Array;
      chunks.push(bytes);
      length += bytes.byteLength;
      if (length >= LONGEST_REASON_BYTES) break;
    }
  } catch {
    // The status alone is enough.
  }
  return Buffer.concat(chunks).subarray(0, LONGEST_REASON_BYTES).toString('utf8').replaceAll('\u0000', '');
}

function reasonOf(thrown: unknown): string {
  const error = normalizeError(thrown);
  const { cause } = error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : error.message.slice(0, 200);
}
