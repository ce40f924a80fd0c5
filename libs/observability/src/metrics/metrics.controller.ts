import { timingSafeEqual, createHash } from 'node:crypto';
import { Controller, Get, Header, Headers, Inject, Res, UnauthorizedException } from '@nestjs/common';
import { OBSERVABILITY_OPTIONS } from '../observability.options.js';
import type { ObservabilityOptions } from '../observability.options.js';
import { NotTraced } from '../tracing/traced.decorator.js';
import { contentTypes, negotiateFormat } from './exposition.js';
import { Metrics } from './metrics.js';

/** What both of Nest's HTTP adapters offer to set a header. */
interface HeaderReply {
  header(name: string, value: string): unknown;
}

/** The scrape. */
@Controller('metrics')
@NotTraced()
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    @Inject(OBSERVABILITY_OPTIONS) private readonly options: ObservabilityOptions,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  async scrape(
    @Headers('accept') accept: string | undefined,
    @Headers('authorization') authorization: string | undefined,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<string> {
    const { metricsToken } = this.options;
    if (metricsToken && !sameText(authorization ?? '', `Bearer ${metricsToken}`)) throw new UnauthorizedException();
    const format = negotiateFormat(accept);
    reply.header('content-type', contentTypes[format]);
    return this.metrics.scrape(format);
  }
}

/** Takes equally long whatever differs. */
function sameText(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
