import {
  Body,
  Controller,
  Get,
  Injectable,
  Module,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type {
  CallHandler,
  CanActivate,
  DynamicModule,
  ExecutionContext,
  NestApplicationOptions,
  NestInterceptor,
  PipeTransform,
} from '@nestjs/common';
import { Catch, UsePipes } from '@nestjs/common';
import type { ArgumentsHost } from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter, HttpAdapterHost, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Observable } from 'rxjs';
import {
  ErrorReporter,
  Lifecycle,
  Logger,
  NotTraced,
  ObservabilityModule,
  Traced,
  currentTraceId,
  nestInstrument,
} from '../../src/index.js';
import type { ObservabilityOptions } from '../../src/index.js';

/** Values that must not leave the process by any signal. */
export const planted = {
  email: 'ada.lovelace@example.org',
  token: 'sk_live_51H8vQpJ3kLmNoPqRsTuVw',
  urlPassword: 'hunter2secret',
} as const;

@Injectable()
export class ScoringService {
  async score(id: string): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, id === 'slow' ? 200 : 5));
    return this.weigh(id.length);
  }

  weigh(length: number): number {
    return length / 10;
  }

  /** No `async`: a promise that is handed through. */
  promised(): Promise<string> {
    return new Promise((resolve) => setTimeout(() => resolve('later'), 15));
  }

  /** Like a query builder: a thenable that is no promise. */
  thenable(): PromiseLike<string> {
    return { then: (done) => Promise.resolve('built').then(done) };
  }

  fail(): never {
    throw new Error(
      `cannot mail ${planted.email} with ${planted.token} at https://user:${planted.urlPassword}@mail.example.org`,
    );
  }
}

@NotTraced()
@Injectable()
export class QuietService {
  whisper(): string {
    return 'quiet';
  }

  @Traced()
  shout(): string {
    return 'loud';
  }
}

/** No Nest decorator: only the mark opens spans. */
@Traced()
export class HandMade {
  make(): string {
    return 'made';
  }
}

@Injectable()
export class DoorGuard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

@Injectable()
export class WrapInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle();
  }
}

@Injectable()
export class TrimPipe implements PipeTransform<unknown, unknown> {
  transform(value: unknown): unknown {
    return typeof value === 'string' ? value.trim() : value;
  }
}

@Catch()
export class ReportingFilter extends BaseExceptionFilter {
  constructor(
    host: HttpAdapterHost,
    private readonly errors: ErrorReporter,
  ) {
    super(host.httpAdapter);
  }

  override catch(error: unknown, host: ArgumentsHost): void {
    this.errors.report(error, { kind: 'http', name: 'sample' });
    super.catch(error, host);
  }
}

@Controller('ideas')
@UseGuards(DoorGuard)
@UseInterceptors(WrapInterceptor)
export class IdeasController {
  constructor(
    private readonly scoring: ScoringService,
    private readonly quiet: QuietService,
    private readonly handMade: HandMade,
    private readonly logger: Logger,
  ) {}

  @Get(':id')
  @UsePipes(TrimPipe)
  async find(@Param('id') id: string): Promise<{ score: number; traceId: string | undefined }> {
    if (id === 'missing') throw new NotFoundException(`no idea of ${planted.email}`);
    this.logger.log('scoring an idea', { id, password: planted.urlPassword, note: `from ${planted.email}` });
    this.quiet.whisper();
    this.quiet.shout();
    this.handMade.make();
    return { score: await this.scoring.score(id), traceId: currentTraceId() };
  }

  @Post()
  async create(@Body() body: { name: string }): Promise<{ name: string; traceId: string | undefined }> {
    await this.scoring.promised();
    await this.scoring.thenable();
    return { name: body.name, traceId: currentTraceId() };
  }

  @Get('failing/now')
  failing(): string {
    return this.scoring.fail();
  }

  @Get('numbers/:n')
  number(@Param('n', ParseIntPipe) n: number): number {
    return n;
  }

  @Get('proxy/to')
  async proxy(): Promise<unknown> {
    const url = Reflect.get(globalThis, 'sampleUpstream') as string;
    const response = await fetch(`${url}/ideas/abc?token=${planted.token}`);
    return response.json();
  }
}

@Module({})
export class SampleModule {
  static with(options: ObservabilityOptions): DynamicModule {
    return {
      module: SampleModule,
      imports: [ObservabilityModule.forRoot(options)],
      controllers: [IdeasController],
      providers: [ScoringService, QuietService, HandMade, { provide: APP_FILTER, useClass: ReportingFilter }],
    };
  }
}

export interface SampleApp {
  readonly app: NestFastifyApplication;
  readonly url: string;
  close(): Promise<void>;
}

/** A real Nest application on Fastify, listening on a free port. */
export async function startSampleApp(
  options: ObservabilityOptions,
  prepare: (app: NestFastifyApplication) => Promise<void> = () => Promise.resolve(),
): Promise<SampleApp> {
  // A plain object type: Nest declares the options as a class, whose instances nobody makes.
  const settings: Omit<NestApplicationOptions, never> = {
    instrument: nestInstrument(),
    bufferLogs: true,
    forceCloseConnections: true,
  };
  const app = await NestFactory.create<NestFastifyApplication>(
    SampleModule.with(options),
    new FastifyAdapter(),
    settings,
  );
  app.useLogger(app.get(Logger));
  await prepare(app);
  await app.listen(0, '127.0.0.1');
  app.get(Lifecycle).markReady();
  return { app, url: (await app.getUrl()).replace('[::1]', '127.0.0.1'), close: () => app.close() };
}
