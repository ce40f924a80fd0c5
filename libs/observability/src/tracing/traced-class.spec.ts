import { AsyncResource } from 'node:async_hooks';
import 'reflect-metadata';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import * as microservices from '@nestjs/microservices';
import { ExpressAdapter } from '@nestjs/platform-express';
import * as schedule from '@nestjs/schedule';
import * as terminus from '@nestjs/terminus';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectSpans } from '@signalpress/testing';
import type { SpanCollection } from '@signalpress/testing';
import { isNestClass } from './nest-classes.js';
import { nestInstrument } from './nest-instrument.js';
import type { NestInstrumentOptions } from './nest-instrument.js';
import { withSpan } from './span.js';
import { NotTraced, Traced } from './traced.decorator.js';

const { Injectable, Scope, Module } = common;
let collection: SpanCollection;
beforeEach(() => {
  collection = collectSpans();
});
afterEach(() => collection.shutdown());

function decorate<T>(instance: T, options?: NestInstrumentOptions): T {
  return nestInstrument(options).instanceDecorator(instance) as T;
}

function namesOf(work: () => unknown): string[] {
  withSpan('root', {}, work);
  return collection.spans().flatMap(({ name }) => (name === 'root' ? [] : [name]));
}

class FactoryMade {
  work(): number {
    return 1;
  }
}

describe('which classes get spans', () => {
  it("knows Nest's own classes without importing them, and no namesake of the application", () => {
    const exported = [core, common, microservices, schedule, terminus].flatMap((library): unknown[] =>
      Object.values(library),
    );
    const marks = ['__injectable__', '__catch__', '__controller__'];
    const isMarked = (value: unknown): value is { name: string } =>
      typeof value === 'function' && marks.some((mark) => Reflect.hasOwnMetadata(mark, value));
    const marked = exported.filter(isMarked);
    const unknown = marked.filter((type) => !isNestClass(type)).map(({ name }) => name);
    expect(marked.length).toBeGreaterThan(20);
    expect(unknown).toEqual([]);
    class HealthCheckService {
      check(): string {
        return 'ours';
      }
    }
    Injectable()(HealthCheckService);
    const own = decorate(new HealthCheckService());
    expect(namesOf(() => own.check())).toEqual(['HealthCheckService.check']);
  });

  it('takes a guard, pipe, interceptor or filter without a decorator for what it is, and no more of it', () => {
    class LateGuard {
      canActivate(): boolean {
        return this.helper();
      }
      helper(): boolean {
        return true;
      }
    }
    const guard = decorate(new LateGuard());
    expect(namesOf(() => guard.canActivate())).toEqual(['LateGuard.canActivate']);
  });

  it('leaves what a factory made of an undecorated class, unless the options say that it is own', () => {
    const made = decorate(new FactoryMade());
    expect(namesOf(() => made.work())).toEqual([]);
    collection.reset();
    decorate(made, { isOwn: (type) => type === FactoryMade });
    expect(namesOf(() => made.work())).toEqual(['FactoryMade.work']);
  });

  it('gives a decorated class spans for what it inherits, and changes no base: not of the application, of Node, of packages', () => {
    class Base {
      find(): string {
        return 'found';
      }
      @NotTraced()
      quiet(): string {
        return 'quiet';
      }
    }
    class Sibling extends Base {}
    class PackageBase {
      connect(): string {
        return 'connected';
      }
    }
    @Injectable()
    class Own extends Base {}
    @Injectable()
    class Client extends PackageBase {}
    @Injectable()
    class Resource extends AsyncResource {
      run(): number {
        return this.asyncId();
      }
    }
    const own = decorate(new Own());
    const client = decorate(new Client(), { isPackage: (type) => type === PackageBase });
    const resource = decorate(new Resource('test'));
    const names = namesOf(() => [own.find(), own.quiet(), new Sibling().find(), client.connect(), resource.run()]);
    expect(names).toEqual(['Own.find', 'Resource.run']);
  });

  it('wraps at once what @Traced() marks, for instances that the injector never sees: @UseGuards(new DoorGuard())', () => {
    @Traced()
    class DoorGuard {
      canActivate(): boolean {
        return true;
      }
      @NotTraced()
      quiet(): boolean {
        return true;
      }
    }
    const guard = new DoorGuard();
    expect(namesOf(() => [guard.canActivate(), guard.quiet()])).toEqual(['DoorGuard.canActivate']);
  });

  it('changes a class once, however many instances, requests and applications there are', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class Many {
      work(): number {
        return 1;
      }
    }
    @Module({ providers: [Many] })
    class ManyModule {}
    const settings = (): Omit<common.NestApplicationOptions, never> => ({
      logger: false,
      instrument: nestInstrument(),
    });
    const create = () => core.NestFactory.create(ManyModule, new ExpressAdapter(), settings());
    const [app, second] = [await create(), await create()];
    const first = await app.resolve(Many);
    const method = Reflect.get(Many.prototype, 'work') as object;
    for (let n = 0; n < 500; n += 1) await app.resolve(Many);
    await second.resolve(Many);
    expect(Reflect.get(Many.prototype, 'work')).toBe(method);
    expect(Reflect.ownKeys(first)).toEqual([]);
    expect(namesOf(() => first.work())).toEqual(['Many.work']);
    await Promise.all([app.close(), second.close()]);
  });

  it('never throws, and hands back what it got', () => {
    const refuse = (): never => {
      throw new Error('refused');
    };
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const handler = { get: refuse, getPrototypeOf: refuse, has: refuse, ownKeys: refuse };
    const strange: unknown[] = [
      new Proxy({}, handler),
      revoked.proxy,
      Object.create(null),
      null,
      undefined,
      Symbol('s'),
    ];
    strange.push(() => 1, FactoryMade, Promise.resolve(), new Map(), new Date(), 7n, Object.freeze([]));
    for (const value of strange) expect(Object.is(decorate(value), value)).toBe(true);
  });
});
