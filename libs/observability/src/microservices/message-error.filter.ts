import { Catch, Logger } from '@nestjs/common';
import type { ArgumentsHost } from '@nestjs/common';
import { BaseRpcExceptionFilter, RpcException } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import type { ErrorReporter } from '../errors/error-reporter.js';
import { NotTraced } from '../tracing/traced.decorator.js';
import type { MessageProcessing } from './message-processing.js';

/** What the filter must know of the message whose handler failed. */
export interface FailedMessage {
  readonly processing: MessageProcessing;
  /** Nobody else hears of an RpcException: there is neither a caller to answer nor a client library that is told. */
  readonly unheard: boolean;
}

/**
 * Answers as Nest's own filter does, and sees the error before it becomes the answer: the span of the message gets it, and one
 * that nobody expected is reported. A filter of the application that takes the error comes first, and then this one is not asked.
 */
@Catch()
@NotTraced()
export class MessageErrorFilter extends BaseRpcExceptionFilter {
  constructor(
    private readonly failedMessage: (rpcContext: unknown) => FailedMessage | undefined,
    private readonly reporter: ErrorReporter | undefined,
  ) {
    super();
  }

  override catch(exception: unknown, host: ArgumentsHost): Observable<unknown> {
    const failed = this.failedMessage(host.switchToRpc().getContext<unknown>());
    failed?.processing.fail(exception);
    const answered = exception instanceof RpcException && failed?.unheard !== true;
    if (!answered) {
      failed?.processing.run(() => {
        this.reporter?.report(exception, { kind: 'message', name: failed.processing.message.destination });
      });
      // Nest writes this line itself, but not for errors that a filter took. Of what is reported already, the Logger writes none.
      if (exception instanceof RpcException) new Logger('RpcExceptionsHandler').error(exception);
    }
    return super.catch(exception, host);
  }
}
