import { EventEmitter } from 'node:events';
import 'reflect-metadata';
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { HealthCheckService } from '@nestjs/terminus';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectSpans } from '@signalpress/testing';
import type { SpanCollection } from '@signalpress/testing';
import { Observable, firstValueFrom, of } from 'rxjs';
import { Metrics } from '../metrics/metrics.js';
import { nestInstrument } from './nest-instrument.js';
import { withSpan } from './span.js';
import { NotTraced, Traced } from './traced.decorator.js';

let collection: SpanCollection;
beforeEach(() => {
  collection = collectSpans();
});
afterEach(() => collection.shutdown());

function decorate<T>(instance: T, options?: Parameters<typeof nestInstrument>[0]): T {
  return nestInstrument(options).instanceDecorator(instance) as T;
}

const spanNames = (work: () => unknown): string[] => {
  withSpan('root', {}, work);
  return collection
    .spans()
    .map(({ name }) => name)
    .filter((name) => name !== 'root');
};

describe('nestInstrument', () => {
  it('opens no span without an active recording one', () => {
    @Injectable()
    class Own {
      work(): number {
        return 1;
      }
    }
    expect(decorate(new Own()).work()).toBe(1);
    expect(collection.spans()).toEqual([]);
  });

  it('wraps a prototype once, and keeps metadata, name, length and identity of the instance', () => {
    @Controller('things')
    class Things {
      @Get('all')
      list(page: number, size: number): number[] {
        return [page, size];
      }
    }
    const original = Object.getOwnPropertyDescriptor(Things.prototype, 'list')?.value as object;
    const instance = new Things();
    expect(decorate(instance)).toBe(instance);
    const once = Object.getOwnPropertyDescriptor(Things.prototype, 'list')?.value as { name: string; length: number };
    decorate(new Things());
    expect(Object.getOwnPropertyDescriptor(Things.prototype, 'list')?.value).toBe(once);
    expect(once).not.toBe(original);
    expect([once.name, once.length]).toEqual(['list', 2]);
    expect(Reflect.getMetadata('path', once)).toBe('all');
    expect(spanNames(() => instance.list(1, 2))).toEqual(['Things.list']);
  });

  it("leaves alone what is not the application's own: Nest, packages, this library, bases without a decorator, plain values", () => {
    @Injectable()
    class FromPackage {
      work(): void {
        /* nothing to do */
      }
    }
    @Module({ providers: [FromPackage] })
    class PackageModule {}
    @Injectable()
    class Emitter extends EventEmitter {
      own(): void {
        this.emit('x');
      }
    }
    const untouched = [Reflector, HealthCheckService, Metrics].map((type) => type.prototype);
    const before = untouched.map((prototype) =>
      Object.values(Object.getOwnPropertyDescriptors(prototype)).map(({ value }) => value as unknown),
    );
    decorate(new Reflector());
    decorate(Object.create(HealthCheckService.prototype) as object);
    decorate(new Metrics());
    const after = untouched.map((prototype) =>
      Object.values(Object.getOwnPropertyDescriptors(prototype)).map(({ value }) => value as unknown),
    );
    after.forEach((values, index) => expect(values).toEqual(expect.arrayContaining(before[index]!)));
    const packaged = decorate(new FromPackage(), { packages: [PackageModule] });
    const emitter = decorate(new Emitter());
    for (const value of [undefined, null, 'text', 7, { a: 1 }]) expect(decorate(value)).toBe(value);
    const names = spanNames(() => {
      packaged.work();
      emitter.own();
    });
    expect(names).toEqual(['Emitter.own']);
  });

  it('obeys @Traced and @NotTraced on classes and methods', () => {
    @Injectable()
    class Mixed {
      loud(): number {
        return 1;
      }
      @NotTraced()
      quiet(): number {
        return 2;
      }
    }
    @Traced()
    class Bare {
      work(): number {
        return 3;
      }
    }
    @NotTraced()
    @Injectable()
    class Silent {
      work(): number {
        return 4;
      }
    }
    const [mixed, bare, silent] = [decorate(new Mixed()), decorate(new Bare()), decorate(new Silent())];
    expect(spanNames(() => [mixed.loud(), mixed.quiet(), bare.work(), silent.work()])).toEqual([
      'Mixed.loud',
      'Bare.work',
    ]);
  });

  it('leaves lifecycle hooks, accessors and what the language calls alone', () => {
    @Injectable()
    class Odd {
      onModuleInit(): void {
        /* Nest calls it */
      }
      get value(): number {
        return 1;
      }
      toJSON(): string {
        return 'odd';
      }
    }
    const odd = decorate(new Odd());
    const names = spanNames(() => {
      odd.onModuleInit();
      return [odd.value, JSON.stringify(odd)];
    });
    expect(names).toEqual([]);
  });

  it('ends with the observable that was returned, around its work', async () => {
    @Injectable()
    class Streams {
      slow(): Observable<number> {
        return new Observable((subscriber) => {
          const timer = setTimeout(() => {
            subscriber.next(withSpan('inside', {}, () => 1));
            subscriber.complete();
          }, 15);
          return () => clearTimeout(timer);
        });
      }
      never(): Observable<number> {
        return new Observable(() => undefined);
      }
      quick(): Observable<number> {
        return of(1);
      }
    }
    const streams = decorate(new Streams());
    await withSpan('root', {}, async () => {
      await firstValueFrom(streams.slow());
      streams.never().subscribe().unsubscribe();
      await firstValueFrom(streams.quick());
    });
    const spans = collection.spans();
    const slow = spans.find(({ name }) => name === 'Streams.slow');
    expect(spans.map(({ name }) => name)).toEqual(['inside', 'Streams.slow', 'Streams.never', 'Streams.quick', 'root']);
    expect(spans[0]?.parentSpanId).toBe(slow?.spanId);
    expect(slow?.durationMs).toBeGreaterThan(10);
  });

  it('keeps calls that run at the same time apart', async () => {
    @Injectable()
    class Steps {
      async outer(id: number): Promise<number> {
        await new Promise((resolve) => setTimeout(resolve, id % 7));
        return this.inner(id);
      }
      async inner(id: number): Promise<number> {
        await new Promise((resolve) => setTimeout(resolve, id % 5));
        return id;
      }
    }
    const steps = decorate(new Steps());
    await Promise.all(Array.from({ length: 200 }, (_, id) => withSpan(`root ${id}`, {}, () => steps.outer(id))));
    const spans = collection.spans();
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const chains = spans
      .filter(({ name }) => name === 'Steps.inner')
      .map((inner) => {
        const outer = byId.get(inner.parentSpanId ?? '');
        const root = byId.get(outer?.parentSpanId ?? '');
        return outer?.name === 'Steps.outer' && root?.name.startsWith('root') ? root.name : undefined;
      });
    expect(new Set(chains).size).toBe(200);
    expect(chains).not.toContain(undefined);
  });
});
