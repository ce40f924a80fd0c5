import { connect } from 'node:net';
import {
  Body,
  ConflictException,
  Controller,
  Get,
  HttpException,
  InternalServerErrorException,
  Module,
  NotFoundException,
  Param,
  Post,
  Query,
  ServiceUnavailableException,
} from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ServiceError } from '@signalpress/observability';
import { collectLogs, collectSpans, startSentrySink } from '@signalpress/testing';
import type { LogCollection, SentrySink, SpanCollection } from '@signalpress/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { createService } from '../bootstrap/create-service.js';
import { serviceEnv } from '../environment/base-env.js';
import type { BaseEnv } from '../environment/base-env.js';
import { loadEnv } from '../environment/load-env.js';
import { ServiceDefaultsModule } from '../service-defaults.module.js';
import type { LogOptions } from '../service-defaults.module.js';
import type { ProblemDetails } from './problem-details.js';

const signal = z.object({
  title: z.string().min(1),
  items: z
    .array(z.object({ count: z.int() }))
    .max(3)
    .optional(),
});
const page = z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) });

const secret = 'the secret table';

@Controller('things')
class ThingsController {
  @Post()
  create(@Body({ schema: signal }) body: z.output<typeof signal>) {
    return body;
  }
  @Get()
  list(@Query({ schema: page }) query: z.output<typeof page>) {
    return query;
  }
  @Get('item/:id')
  get(@Param('id', { schema: z.uuid() }) id: string) {
    return { id };
  }
  @Get('fail/:how')
  fail(@Param('how') how: string): never {
    const failures: Record<string, () => unknown> = {
      crash: () => new TypeError(`relation "${secret}" does not exist`),
      text: () => secret,
      teapot: () => new HttpException('I am a teapot', 418),
      internal: () => new InternalServerErrorException(secret),
      missing: () => new NotFoundException('There is no such idea.', { errorCode: 'idea-not-found' }),
      conflict: () => new ConflictException('The idea is decided.', { errorCode: 'idea-decided' }),
      busy: () => new ServiceUnavailableException('Later.'),
      expected: () => new ServiceError('The idea is withdrawn.', { code: 'idea-withdrawn', severity: 'expected' }),
      absent: () => new ServiceError('No such file.', { code: 'file-not-found', severity: 'expected' }),
      retry: () =>
        Object.assign(new ServiceError(secret, { code: 'etsy-away', retryable: true }), { retryAfterMs: 61_500 }),
      broken: () => new ServiceError(secret, { code: 'invariant' }),
      refused: () => new Error(secret, { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) }),
      exhausted: () => Object.assign(new Error(secret), { code: '08006' }),
      slow: () => Object.assign(new Error(secret), { code: '57014' }),
      shutdown: () => Object.assign(new Error(secret), { code: '57P01' }),
    };
    const failure = failures[how]?.();
    // Some code throws what is not an error; that must not get out either.
    throw failure;
  }
}

@Module({})
class ThingsModule {
  static register(env: BaseEnv, options: LogOptions): DynamicModule {
    return {
      module: ThingsModule,
      imports: [ServiceDefaultsModule.forRoot('monitoring', env, options)],
      controllers: [ThingsController],
    };
  }
}

describe('errors over HTTP', () => {
  let app: NestFastifyApplication;
  let url: string;
  let logs: LogCollection;
  let sentry: SentrySink;
  let spans: SpanCollection;

  beforeAll(async () => {
    spans = collectSpans();
    logs = collectLogs();
    sentry = await startSentrySink();
    const env = loadEnv(z.object(serviceEnv('monitoring')), { PORT: '0', SENTRY_DSN: sentry.dsn });
    const module = () => Promise.resolve(ThingsModule.register(env, { logDestination: logs.stream }));
    app = await createService({ service: 'monitoring', app: module, bodyLimitBytes: 2000 }, env);
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterEach(() => {
    logs.reset();
    spans.reset();
    sentry.reset();
  });
  afterAll(async () => {
    await app.close();
    await sentry.close();
    await spans.shutdown();
  });

  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init);
    const problem = (await response.json()) as ProblemDetails;
    return { response, problem };
  };
  const post = (body: string, type = 'application/json') =>
    ask('/things', { method: 'POST', headers: { 'content-type': type }, body });

  it('names each wrong field of a body', async () => {
    const { response, problem } = await post(JSON.stringify({ title: '', items: [{ count: 1 }, { count: 'x' }] }));
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(problem).toMatchObject({
      type: 'urn:signalpress:problem:invalid-request',
      title: 'Bad Request',
      status: 400,
      instance: '/things',
    });
    expect(problem.errors?.map(({ field }) => field)).toEqual(['title', 'items.1.count']);
    expect(problem.traceId).toBe(spans.spans().find(({ kind }) => kind === 'server')?.traceId);
  });

  it('names the body, the query field or the parameter when the value as a whole is wrong', async () => {
    expect((await post('[]')).problem.errors).toMatchObject([{ field: 'body' }]);
    expect((await ask('/things', { method: 'POST' })).problem.errors).toMatchObject([{ field: 'body' }]);
    expect((await ask('/things?limit=1000')).problem.errors).toMatchObject([{ field: 'limit' }]);
    expect((await ask('/things/item/nothing')).problem.errors).toMatchObject([{ field: 'id' }]);
  });

  it('hands the parsed value to the handler', async () => {
    expect((await ask('/things')).problem).toEqual({ limit: 20 });
    expect((await post('{"title":"Sun","more":1}')).problem).toEqual({ title: 'Sun' });
  });

  it('lists a bounded number of errors', async () => {
    const items = Array.from({ length: 90 }, () => ({ count: 'x' }));
    const { problem } = await post(JSON.stringify({ title: 'a', items }));
    expect(problem.errors?.length).toBeLessThanOrEqual(50);
  });

  it.each([
    ['malformed JSON', '{', 'application/json', 400, 'malformed-json'],
    ['an empty JSON body', '', 'application/json', 400, 'malformed-json'],
    ['a poisoned prototype', '{"title":"a","__proto__":{"x":1}}', 'application/json', 400, 'malformed-json'],
    ['an unknown content type', 'a=b', 'application/x-www-form-urlencoded', 415, 'unsupported-media-type'],
    ['text', 'hello', 'text/plain', 415, 'unsupported-media-type'],
    [
      'a body over the limit',
      JSON.stringify({ title: 'x'.repeat(3000) }),
      'application/json',
      413,
      'payload-too-large',
    ],
  ])('refuses %s', async (_what, body, type, status, code) => {
    const { response, problem } = await post(body, type);
    expect(response.status).toBe(status);
    expect(problem).toMatchObject({ status, type: `urn:signalpress:problem:${code}`, instance: '/things' });
  });

  it.each([
    ['/nothing?token=abc', 404, 'not-found'],
    ['/things/%ff', 400, 'malformed-url'],
    [`/things/item/${'x'.repeat(300)}`, 414, 'uri-too-long'],
  ])('answers %s with problem details', async (path, status, code) => {
    const { response, problem } = await ask(path);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(problem).toMatchObject({ status, type: `urn:signalpress:problem:${code}` });
    expect(JSON.stringify(problem)).not.toContain('token=abc');
  });

  it('answers an unknown method of a known path with 404', async () => {
    expect((await ask('/things', { method: 'DELETE' })).problem).toMatchObject({ status: 404, instance: '/things' });
  });

  it('refuses bytes that are not HTTP, and headers over the limit', async () => {
    const raw = (bytes: string) =>
      new Promise<string>((resolve, reject) => {
        let answer = '';
        const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes));
        socket.on('data', (chunk) => (answer += chunk.toString()));
        socket.on('close', () => resolve(answer));
        socket.on('error', reject);
      });
    expect(await raw('no http at all\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json.*bad-request/s);
    const oversized = `GET /things HTTP/1.1\r\nhost: a\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await raw(oversized)).toMatch(/^HTTP\/1\.1 431 .*request-header-fields-too-large/s);
  });

  it.each([
    ['teapot', 418, 'error', 'I am a teapot'],
    ['missing', 404, 'idea-not-found', 'There is no such idea.'],
    ['conflict', 409, 'idea-decided', 'The idea is decided.'],
    ['expected', 422, 'idea-withdrawn', 'The idea is withdrawn.'],
    ['absent', 404, 'file-not-found', 'No such file.'],
  ])('passes on what a handler says to its caller (%s) and reports nothing', async (how, status, code, detail) => {
    const { response, problem } = await ask(`/things/fail/${how}`);
    expect(response.status).toBe(status);
    expect(problem).toMatchObject({ status, type: `urn:signalpress:problem:${code}`, detail });
    expect(logs.lines().filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
    expect(sentry.events()).toEqual([]);
  });

  it.each([
    ['busy', '5'],
    ['retry', '62'],
    ['refused', '5'],
    ['exhausted', '5'],
    ['shutdown', '5'],
  ])(
    'answers 503 with Retry-After while a dependency is away (%s), without an error report',
    async (how, retryAfter) => {
      const { response, problem } = await ask(`/things/fail/${how}`);
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe(retryAfter);
      expect(JSON.stringify(problem)).not.toContain(secret);
      expect(logs.lines().filter(({ level }) => level === 'warn')).toHaveLength(1);
      expect(logs.lines().filter(({ level }) => level === 'error')).toEqual([]);
    },
  );

  it('answers 503 and reports when the database ended a statement that took too long', async () => {
    const { response, problem } = await ask('/things/fail/slow');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(JSON.stringify(problem)).not.toContain(secret);
    expect((await sentry.waitForEvent()).traceId).toBe(problem.traceId);
    expect(logs.lines().filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it.each(['crash', 'text', 'internal', 'broken'])(
    'keeps the inside of a defect inside, and reports it once (%s)',
    async (how) => {
      const { response, problem } = await ask(`/things/fail/${how}`);
      expect(response.status).toBe(500);
      expect(problem).toMatchObject({ type: 'urn:signalpress:problem:internal-server-error', status: 500 });
      expect(problem.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(JSON.stringify(problem)).not.toContain(secret);
      expect(logs.lines().filter(({ level }) => level === 'error')).toHaveLength(1);
      const event = await sentry.waitForEvent();
      expect(event.traceId).toBe(problem.traceId);
      expect(sentry.events()).toHaveLength(1);
    },
  );
});
