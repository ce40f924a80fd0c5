import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { context, trace } from '@opentelemetry/api';
import { collectSpans } from '@signalpress/testing';
import type { DecodedSpan, SpanCollection } from '@signalpress/testing';
import { defer, firstValueFrom, lastValueFrom, map, timer, toArray } from 'rxjs';
import { nestInstrument } from './nest-instrument.js';
import { setSpanAttributes, withSpan } from './span.js';

let collection: SpanCollection;
beforeEach(() => {
  collection = collectSpans();
});
afterEach(() => collection.shutdown());

const inner = (name: string): void => withSpan(name, {}, () => undefined);

@Injectable()
class Work {
  thenable(): PromiseLike<string> {
    return {
      then: (done, failed) =>
        sleep(20)
          .then(() => inner('the query'))
          .then(() => 'rows')
          .then(done, failed),
    };
  }
  failingThenable(): PromiseLike<never> {
    return { then: (done, failed) => Promise.reject(new Error('no such table')).then(done, failed) };
  }
  observable() {
    return defer(() => {
      inner('the source');
      return timer(20);
    });
  }
  *rows(): Generator<number> {
    for (let n = 0; n < 2; n += 1) {
      inner(`row ${n}`);
      yield n;
    }
  }
  async *pages(): AsyncGenerator<number> {
    for (let n = 0; n < 2; n += 1) {
      await sleep(10);
      inner(`page ${n}`);
      yield n;
    }
  }
  async *broken(): AsyncGenerator<number> {
    yield 1;
    await sleep(1);
    throw new Error('the cursor is gone');
  }
  recurse(depth: number): number {
    return depth === 0 ? 0 : 1 + this.recurse(depth - 1);
  }
  notAsync(): Promise<string> {
    return sleep(20).then(() => {
      setSpanAttributes({ 'work.done': true });
      return 'late';
    });
  }
  async fails(): Promise<never> {
    await sleep(1);
    return this.throws();
  }
  throws(): never {
    throw new Error('once');
  }
}

const work = nestInstrument().instanceDecorator(new Work()) as Work;
const named = (name: string): DecodedSpan => collection.spans().find((span) => span.name === name)!;
const under = (name: string): string[] =>
  collection
    .spans()
    .filter(({ parentSpanId }) => parentSpanId === named(name).spanId)
    .map((span) => span.name);

describe('the span of a call ends with its work', () => {
  it('covers a thenable until it settles, though no promise (@nestjs/observe asks for instanceof Promise)', async () => {
    expect(await withSpan('root', {}, async () => work.thenable())).toBe('rows');
    expect(named('Work.thenable').durationMs).toBeGreaterThan(15);
    expect(under('Work.thenable')).toEqual(['the query']);
  });

  it('records the failure of a thenable', async () => {
    await expect(withSpan('root', {}, async () => work.failingThenable())).rejects.toThrow('no such table');
    expect(named('Work.failingThenable').status.code).toBe('error');
  });

  it('covers an observable until it completes; what comes out belongs to who subscribed (@nestjs/observe ends at once)', async () => {
    await withSpan('root', {}, async () => {
      await lastValueFrom(work.observable().pipe(map(() => inner('downstream'))));
    });
    expect(named('Work.observable').durationMs).toBeGreaterThan(15);
    expect(under('Work.observable')).toEqual(['the source']);
    expect(under('root')).toEqual(expect.arrayContaining(['Work.observable', 'downstream']));
  });

  it('covers each subscription after the first as the source itself', async () => {
    const values = await withSpan('root', {}, async () => {
      const source = work.observable();
      return [await firstValueFrom(source), await lastValueFrom(source.pipe(toArray()))];
    });
    expect(values).toEqual([0, [0]]);
    expect(collection.spans().filter(({ name }) => name === 'Work.observable')).toHaveLength(1);
  });

  it('is still open while the work goes on and the object it began with is collected', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const waiting = withSpan('root', {}, async () => {
      await lastValueFrom(work.observable());
      await work.thenable();
    });
    for (let n = 0; n < 12; n += 1) {
      collect();
      await sleep(6);
    }
    await waiting;
    expect(named('Work.observable').durationMs).toBeGreaterThan(15);
    expect(named('Work.thenable').durationMs).toBeGreaterThan(15);
  });

  it('ends the span of an object that nobody asked for its work when the object is collected', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    withSpan('root', {}, () => {
      work.observable();
    });
    for (let n = 0; n < 100 && !collection.spans().some(({ name }) => name === 'Work.observable'); n += 1) {
      collect();
      await sleep(5);
    }
    expect(named('Work.observable').durationMs).toBeLessThan(15);
  });

  it('runs the body of a generator inside of its span at each step, and its consumer outside', () => {
    withSpan('root', {}, () => {
      for (const n of work.rows()) inner(`consumed ${n}`);
    });
    expect(under('Work.rows')).toEqual(['row 0', 'row 1']);
    expect(under('root')).toEqual(['consumed 0', 'consumed 1', 'Work.rows']);
  });

  it('runs the body of an async generator inside of its span, which lasts as long as the iteration', async () => {
    await withSpan('root', {}, async () => {
      for await (const n of work.pages()) inner(`consumed ${n}`);
    });
    expect(under('Work.pages')).toEqual(['page 0', 'page 1']);
    expect(named('Work.pages').durationMs).toBeGreaterThan(15);
    expect(under('root')).toEqual(['consumed 0', 'consumed 1', 'Work.pages']);
  });

  it('ends an iteration that is left early, and records one that fails', async () => {
    await withSpan('root', {}, async () => {
      for await (const n of work.pages()) if (n === 0) break;
      for (const n of work.rows()) if (n === 0) break;
    });
    expect(under('root')).toEqual(['Work.pages', 'Work.rows']);
    const iterate = async (): Promise<void> => {
      for await (const n of work.broken()) inner(`got ${n}`);
    };
    await expect(withSpan('second', {}, iterate)).rejects.toThrow('the cursor is gone');
    expect(named('Work.broken').events.map(({ name }) => name)).toEqual(['exception']);
    expect(named('second').events).toEqual([]);
  });

  it('sees a call of a method by itself (recursion that @nestjs/observe misses)', () => {
    expect(withSpan('root', {}, () => work.recurse(3))).toBe(3);
    expect(collection.spans().filter(({ name }) => name === 'Work.recurse')).toHaveLength(4);
  });

  it('lasts as long as the promise of a method that is not declared async (vendure looks for AsyncFunction)', async () => {
    await withSpan('root', {}, () => work.notAsync());
    expect(named('Work.notAsync').durationMs).toBeGreaterThan(15);
    expect(named('Work.notAsync').attributes['work.done']).toBe(true);
  });

  it('records an error once, where it was thrown', async () => {
    await expect(withSpan('root', {}, () => work.fails())).rejects.toThrow('once');
    const events = ['Work.throws', 'Work.fails', 'root'].map((name) => named(name).events.length);
    expect(events).toEqual([1, 0, 0]);
    expect(['Work.throws', 'Work.fails', 'root'].map((name) => named(name).status.code)).toEqual(
      Array(3).fill('error'),
    );
  });

  it('opens nothing below a span that does not record (0 means none: @nestjs/observe takes a rate of 0 for all)', () => {
    const unsampled = trace.wrapSpanContext({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 0 });
    context.with(trace.setSpan(context.active(), unsampled), () => work.recurse(3));
    expect(collection.spans()).toEqual([]);
  });
});
