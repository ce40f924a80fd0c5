import 'reflect-metadata';
import type {
  ArgumentsHost,
  CallHandler,
  CanActivate,
  ExceptionFilter,
  ExecutionContext,
  NestInterceptor,
  PipeTransform,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { Libraries, Part, Running } from './libraries.js';

interface AnyResponse {
  status(code: number): AnyResponse;
  send(body: unknown): void;
}

/** What a request goes through: guards, interceptors, pipes, handlers, filters, by class, by instance and global. */
export function httpFeatures({ common, core, rxjs }: Libraries): Part {
  const { Body, Catch, Controller, Get, Injectable, Param, ParseIntPipe, Post, SetMetadata, Sse } = common;
  const { UseFilters, UseGuards, UseInterceptors, UsePipes, Header, HttpCode, StreamableFile } = common;
  const { map, of } = rxjs;
  class Teapot extends Error {}

  @Injectable()
  class ScoringService {
    async score(id: string): Promise<number> {
      await new Promise((resolve) => setTimeout(resolve, id.length % 4));
      return id.length;
    }
    async *rows(): AsyncGenerator<number> {
      for (let n = 0; n < 3; n += 1) yield await this.score('x'.repeat(n));
    }
  }
  @Injectable()
  class IdeasService {
    constructor(private readonly scoring: ScoringService) {}
    async find(id: string): Promise<{ id: string; score: number }> {
      if (id === 'missing') throw new common.NotFoundException('no such idea');
      if (id === 'tea') throw new Teapot('short and stout');
      if (id === 'bug') throw new TypeError('a bug');
      return { id, score: await this.scoring.score(id) };
    }
    async total(): Promise<number> {
      let total = 0;
      for await (const row of this.scoring.rows()) total += row;
      return total;
    }
  }
  @Injectable()
  class RolesGuard implements CanActivate {
    constructor(private readonly reflector: InstanceType<typeof core.Reflector>) {}
    canActivate(context: ExecutionContext): boolean {
      const roles = this.reflector.get<string[] | undefined>('roles', context.getHandler());
      return roles?.includes('admin') !== true;
    }
  }
  Reflect.defineMetadata('design:paramtypes', [core.Reflector], RolesGuard);
  class InstanceGuard implements CanActivate {
    canActivate(): boolean {
      return true;
    }
  }
  @Injectable()
  class Envelope implements NestInterceptor {
    intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
      return next.handle().pipe(map((data) => this.wrap(data)));
    }
    wrap(data: unknown): unknown {
      return typeof data === 'object' && data !== null && !(data instanceof StreamableFile)
        ? { ...data, wrapped: true }
        : data;
    }
  }
  class GlobalInterceptor implements NestInterceptor {
    intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
      return next.handle();
    }
  }
  class GlobalPipe implements PipeTransform<unknown, unknown> {
    transform(value: unknown): unknown {
      return typeof value === 'string' ? value.trim() : value;
    }
  }
  @Catch(Teapot)
  class TeapotFilter implements ExceptionFilter {
    #code = 418;
    catch(error: Error, host: ArgumentsHost): void {
      host.switchToHttp().getResponse<AnyResponse>().status(this.#code).send({ error: error.message });
    }
  }
  @Controller('ideas')
  @UseGuards(RolesGuard, new InstanceGuard())
  @UseInterceptors(Envelope)
  class IdeasController {
    constructor(private readonly ideas: IdeasService) {}
    @Get('total')
    total(): Promise<number> {
      return this.ideas.total();
    }
    @Get('numbers/:n')
    number(@Param('n', ParseIntPipe) n: number): { n: number } {
      return { n };
    }
    @Get('forbidden')
    @SetMetadata('roles', ['admin'])
    forbidden(): string {
      return 'never';
    }
    @Get('observable')
    @Header('x-kind', 'observable')
    observable(): Observable<{ last: number }> {
      return of({ last: 1 }, { last: 2 });
    }
    @Get('file')
    file(): InstanceType<typeof StreamableFile> {
      return new StreamableFile(Buffer.from('bytes'));
    }
    @Sse('events')
    events(): Observable<{ data: string }> {
      return of({ data: 'one' }, { data: 'two' });
    }
    @Get(':id')
    @UseFilters(TeapotFilter)
    find(@Param('id') id: string): Promise<{ id: string }> {
      return this.ideas.find(id);
    }
    @Post()
    @HttpCode(202)
    @UsePipes(new GlobalPipe())
    create(@Body() body: { name: string }): { name: string } {
      return body;
    }
  }
  // A controller inherits its routes from a class without a decorator.
  class Crud {
    @Get('list')
    list(): string[] {
      return ['inherited'];
    }
  }
  @Controller('crud')
  class CrudController extends Crud {}

  const paths = [
    'abc',
    ' trimmed',
    'missing',
    'tea',
    'bug',
    'total',
    'numbers/7',
    'numbers/x',
    'forbidden',
    'observable',
    'file',
    'events',
  ];
  return {
    providers: [ScoringService, IdeasService],
    controllers: [IdeasController, CrudController],
    prepare: (app) => {
      app.useGlobalInterceptors(new GlobalInterceptor());
      app.useGlobalPipes(new GlobalPipe());
      app.useGlobalGuards(new InstanceGuard());
    },
    probes: [
      ...paths.map((path) => ({
        title: `GET /ideas/${path}`,
        run: (running: Running) => running.request(`/ideas/${encodeURI(path)}`),
      })),
      { title: 'GET /crud/list', run: (running) => running.request('/crud/list') },
      {
        title: 'POST /ideas',
        run: (running) =>
          running.request('/ideas', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ name: 'x' }),
          }),
      },
    ],
  };
}
