import { setTimeout as sleep } from 'node:timers/promises';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { HttpException, HttpStatus, Injectable, ServiceUnavailableException } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { concatMap, from } from 'rxjs';
import { StorefrontFaults } from './storefront.faults.js';

/**
 * Plays the planned faults on the sellers' API. What fails or hangs does so after the call was carried out: that is what real
 * marketplaces do, and what a publisher has to bear.
 */
@Injectable()
export class FaultsInterceptor implements NestInterceptor {
  constructor(private readonly faults: StorefrontFaults) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const due = this.faults.next();
    if (due === undefined) return next.handle();
    const { fault, plan, over } = due;
    if (fault === 'rate-limit') {
      const reply = context.switchToHttp().getResponse<{ header(name: string, value: string): unknown }>();
      reply.header('retry-after', String(plan.retryAfterSeconds));
      throw new HttpException('The storefront asks to slow down (a drill).', HttpStatus.TOO_MANY_REQUESTS);
    }
    return next.handle().pipe(
      concatMap((answer: unknown) => {
        if (fault === 'fail-after-commit') {
          throw new ServiceUnavailableException('The storefront lost the answer (a drill).');
        }
        return from(late(answer, plan.hangSeconds, over));
      }),
    );
  }
}

async function late(answer: unknown, seconds: number, over: AbortSignal): Promise<unknown> {
  await sleep(seconds * 1_000, undefined, { signal: over }).catch(() => undefined);
  return answer;
}
