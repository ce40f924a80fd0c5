import { UnavailableError } from '@signalpress/messaging';
import type { CircuitBreakerPolicy } from 'cockatiel';
import { BrokenCircuitError, circuitBreaker, CircuitState, ConsecutiveBreaker, handleType } from 'cockatiel';

const callTimeoutMs = 10_000;
const failuresThatOpen = 5;
const openForMs = 5_000;
const mostRetryAfterMs = 15 * 60_000;

export type CallOutcome = 'answered' | 'rate-limited' | 'failed' | 'unanswered' | 'circuit-open';

const outcomes: Readonly<Record<string, CallOutcome>> = {
  'rate-limited': 'rate-limited',
  'neighbour-failed': 'failed',
  'neighbour-away': 'unanswered',
};

/**
 * Calls to one neighbour. A neighbour that is away (network, 429, 5xx, no answer in 10 s) is an UnavailableError; after five
 * in a row it is left alone for five seconds. Every other answer is the caller's to judge.
 */
export class HttpExchange {
  private readonly breaker: CircuitBreakerPolicy = circuitBreaker(handleType(UnavailableError), {
    halfOpenAfter: openForMs,
    breaker: new ConsecutiveBreaker(failuresThatOpen),
  });

  /** @param onCall told what became of each call */
  constructor(
    private readonly neighbour: string,
    private readonly onCall: (outcome: CallOutcome) => void = () => undefined,
  ) {}

  /** Whether the neighbour is left alone at the moment. */
  get isOpen(): boolean {
    return this.breaker.state === CircuitState.Open;
  }

  /** @throws UnavailableError */
  async send(url: string, init: RequestInit = {}): Promise<Response> {
    try {
      const response = await this.breaker.execute(() => this.attempt(url, init));
      this.onCall('answered');
      return response;
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) {
        const outcome = error instanceof UnavailableError ? outcomes[error.code] : undefined;
        if (outcome !== undefined) this.onCall(outcome);
        throw error;
      }
      this.onCall('circuit-open');
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
