import { Catch, Injectable } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { currentTraceId, ErrorReporter, Logger, normalizeError, NotTraced } from '@signalpress/observability';
import { faultOf } from './fault.js';
import { pathOf, problemContentType, problemDetails } from './problem-details.js';

/** Turns everything that a request throws into problem details (RFC 9457). Defects are reported, the caller's errors are not. */
@Catch()
@Injectable()
@NotTraced()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly reporter: ErrorReporter,
    private readonly logger: Logger,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error;
    const { httpAdapter } = this.adapterHost;
    const request: unknown = host.switchToHttp().getRequest();
    const response: unknown = host.switchToHttp().getResponse();
    const url = String(httpAdapter.getRequestUrl(request));
    const method = String(httpAdapter.getRequestMethod(request));
    const fault = faultOf(error);
    const route = `${method} ${pathOf(url)}`;

    if (fault.attention === 'report') this.reporter.report(error, { kind: 'http', name: route });
    else if (fault.attention === 'warn') {
      this.logger.warn('A request failed because a dependency is away', {
        route,
        reason: normalizeError(error).message,
      });
    }
    if (httpAdapter.isHeadersSent(response) === true) {
      // Too late for an answer: break off, so that the caller does not take a part for the whole.
      httpAdapter.end(response);
      return;
    }
    const problem = problemDetails({ ...fault, url, traceId: currentTraceId() });
    httpAdapter.setHeader(response, 'content-type', problemContentType);
    httpAdapter.setHeader(response, 'cache-control', 'no-store');
    if (fault.retryAfterSeconds !== undefined) {
      httpAdapter.setHeader(response, 'retry-after', String(fault.retryAfterSeconds));
    }
    httpAdapter.reply(response, JSON.stringify(problem), fault.status);
  }
}
