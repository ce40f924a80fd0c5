import { UnavailableError } from '@signalpress/messaging';
import type { CircuitBreakerPolicy } from 'cockatiel';
import { BrokenCircuitError, circuitBreaker, ConsecutiveBreaker, handleType } from 'cockatiel';

const callTimeoutMs = 10_000;
const failuresThatOpen = 5;
const openForMs = 5_000;
const mostRetryAfterMs = 15 * 60_000;

/**
 * Calls to one neighbour. A neighbour that is away (network, 429, 5xx, no answer in 10 s) is an UnavailableError; after five
 * in a row it is left alone for five seconds. Every other answer is the caller's to judge.
 */
export class HttpExchange {
  private readonly breaker: CircuitBreakerPolicy = circuitBreaker(handleType(UnavailableError), {
    halfOpenAfter: openForMs,
    breaker: new ConsecutiveBreaker(failuresThatOpen),
  });

  constructor(private readonly neighbour: string) {}

  /** @throws UnavailableError */
  async send(url: string, init: RequestInit = {}): Promise<Response> {
    try {
      return await this.breaker.execute(() => this.attempt(url, init));
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      throw new UnavailableError(`${this.neighbour} failed ${failuresThatOpen} times in a row and is left alone`, {
        code: 'circuit-open',
        retryAfterMs: openForMs,
        cause: error,
      });
    }
  }

  private async attempt(url: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      const timeout = AbortSignal.timeout(callTimeoutMs);
      const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
      response = await fetch(url, { redirect: 'error', ...init, signal });
    } catch (error) {
      throw new UnavailableError(`${this.neighbour} does not answer`, { code: 'neighbour-away', cause: error });
    }
    if (response.status !== 429 && response.status < 500) return response;
    await response.body?.cancel();
    const retryAfterMs = retryAfterOf(response.headers.get('retry-after'));
    throw new UnavailableError(`${this.neighbour} answered ${response.status}`, {
      code: response.status === 429 ? 'rate-limited' : 'neighbour-failed',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}

/** `Retry-After` in milliseconds (RFC 9110: seconds or a date), at most 15 minutes. */
export function retryAfterOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const wait = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), mostRetryAfterMs) : undefined;
}
