import { context } from '@opentelemetry/api';
import type { Context, Span } from '@opentelemetry/api';
import { Observable } from 'rxjs';
import { failSpan, isThenable } from './span.js';

/** Ends the span when the result is there: at once, when a thenable settles, or when an observable is over. */
export function endWithResult(span: Span, inside: Context, result: unknown): unknown {
  if (isThenable(result)) {
    return result.then(
      (value) => {
        span.end();
        return value;
      },
      (error: unknown) => {
        failSpan(span, error);
        throw error;
      },
    );
  }
  if (result instanceof Observable) return observed(span, inside, result as Observable<unknown>);
  span.end();
  return result;
}

/** The work of an observable (an interceptor's handler) happens on subscription: inside of the span, which ends with it. */
function observed(span: Span, inside: Context, source: Observable<unknown>): Observable<unknown> {
  return new Observable((subscriber) => {
    const subscription = context.with(inside, () =>
      source.subscribe({
        next: (value) => subscriber.next(value),
        error: (error: unknown) => {
          failSpan(span, error);
          subscriber.error(error);
        },
        complete: () => {
          span.end();
          subscriber.complete();
        },
      }),
    );
    return () => {
      subscription.unsubscribe();
      if (span.isRecording()) span.end();
    };
  });
}
