import { createHash, timingSafeEqual } from 'node:crypto';
import { Readable, pipeline } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import { Controller, Get, Header, Headers, Inject, Res, StreamableFile, UnauthorizedException } from '@nestjs/common';
import { OBSERVABILITY_OPTIONS } from '../observability.options.js';
import type { ObservabilityOptions } from '../observability.options.js';
import { NotTraced } from '../tracing/traced.decorator.js';
import { contentTypes } from './exposition.js';
import { Metrics } from './metrics.js';
import { acceptsGzip, negotiateFormat } from './negotiation.js';

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

  /** Streamed, so that neither the size of the answer nor its compression stops anything else. */
  @Get()
  @Header('cache-control', 'no-store')
  @Header('vary', 'accept, accept-encoding')
  scrape(
    @Headers() headers: Readonly<Record<string, string | undefined>>,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): StreamableFile {
    const { metricsToken } = this.options;
    if (metricsToken && !sameText(headers['authorization'] ?? '', `Bearer ${metricsToken}`))
      throw new UnauthorizedException();
    const format = negotiateFormat(headers['accept']);
    const text = Readable.from(this.metrics.scrapeChunks(format), { objectMode: false });
    const zipped = acceptsGzip(headers['accept-encoding']);
    if (zipped) reply.header('content-encoding', 'gzip');
    return new StreamableFile(zipped ? zip(text) : text, { type: contentTypes[format] });
  }
}

/** By the threads of zlib; the fastest level, because names and labels repeat so much that the others gain little. */
function zip(text: Readable): Readable {
  // A failure of either end ends both; the adapter hears of it from the stream that it sends.
  return pipeline(text, createGzip({ level: constants.Z_BEST_SPEED }), () => undefined);
}

/** Takes equally long whatever differs. */
function sameText(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
