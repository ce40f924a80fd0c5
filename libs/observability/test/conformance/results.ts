import 'reflect-metadata';
import type { Libraries, Part } from './libraries.js';

interface Query extends PromiseLike<string> {
  where(condition: string): Query;
}

/** What methods return: work that goes on after the call. */
export function results({ common, rxjs }: Libraries): Part {
  const { Injectable } = common;
  const { Observable, Subject, BehaviorSubject, firstValueFrom, lastValueFrom, map, of, range, take, toArray } = rxjs;

  class Cancellable<T> extends Promise<T> {
    cancel(): string {
      return 'cancelled';
    }
  }

  @Injectable()
  class Results {
    readonly ran: string[] = [];

    query(table: string): Query {
      const conditions: string[] = [];
      const query: Query = {
        where: (condition) => {
          conditions.push(condition);
          return query;
        },
        then: (done, failed) => {
          this.ran.push(table);
          return Promise.resolve(`${table} ${conditions.join(' and ')}`).then(done, failed);
        },
      };
      return query;
    }
    subclass(): Cancellable<number> {
      return new Cancellable((resolve) => resolve(1));
    }
    promise(): Promise<number> & { cancel: () => string } {
      return Object.assign(Promise.resolve(2), { cancel: () => 'stopped' });
    }
    *count(to: number): Generator<number, string, unknown> {
      try {
        for (let n = 0; n < to; n += 1) this.ran.push(`sent ${String(yield n)}`);
        return 'done';
      } finally {
        this.ran.push('closed');
      }
    }
    async *stream(to: number): AsyncGenerator<number, string> {
      try {
        for (let n = 0; n < to; n += 1) {
          await Promise.resolve();
          yield n;
        }
        return 'done';
      } finally {
        this.ran.push('stream closed');
      }
    }
    delegated(): Generator<number, string, unknown> {
      return this.count(2);
    }
    async *failing(): AsyncGenerator<number> {
      yield 1;
      await Promise.reject(new Error('broken stream'));
    }
    handmade(): AsyncIterableIterator<number> {
      let n = 0;
      return {
        next: () => Promise.resolve(n < 2 ? { value: n++, done: false } : { value: undefined, done: true }),
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    }
    subject = new Subject<number>();
    changes(): InstanceType<typeof Subject<number>> {
      return this.subject;
    }
    state(): InstanceType<typeof BehaviorSubject<number>> {
      return new BehaviorSubject(7);
    }
    endless() {
      return range(0, 1_000_000_000);
    }
    numbers() {
      return of(1, 2, 3);
    }
    broken() {
      return new Observable<number>((subscriber) => subscriber.error(new Error('broken observable')));
    }
  }

  @Injectable()
  class Thenable {
    then(resolve: (value: string) => void): void {
      resolve('resolved by its own then');
    }
    other(): string {
      return 'other';
    }
  }

  return {
    providers: [Results, Thenable],
    probes: [
      {
        title: 'query builders: run once, when somebody waits, and stay what they are',
        run: async ({ app }) => {
          const service = app.get(Results);
          const query = service.query('ideas');
          await Promise.resolve();
          const before = [...service.ran];
          const answer = await query.where('a').where('b');
          return [before, answer, Object.keys(query), service.ran.splice(0)];
        },
      },
      {
        title: 'promises with more to them: subclasses, properties of their own',
        run: async ({ app }) => {
          const service = app.get(Results);
          const [sub, own] = [service.subclass(), service.promise()];
          return [
            sub instanceof Cancellable,
            sub.cancel(),
            await sub,
            own.cancel(),
            await own,
            await Promise.all([service.subclass()]),
          ];
        },
      },
      {
        title: 'generators: values both ways, return, throw, instanceof, left early',
        run: ({ app }) => {
          const service = app.get(Results);
          const first = service.count(3);
          const steps = [first.next('ignored'), first.next('a'), first.return('early'), first.next()];
          const left: number[] = [];
          for (const n of service.count(5)) {
            left.push(n);
            if (n === 1) break;
          }
          const thrown = service.count(2);
          thrown.next();
          let error: unknown;
          try {
            thrown.throw(new Error('thrown in'));
          } catch (caught) {
            error = String(caught);
          }
          const method = Reflect.get(service, 'count') as unknown as new () => object;
          return [
            steps,
            left,
            error,
            first instanceof method,
            [...service.delegated()],
            Object.keys(first),
            service.ran.splice(0),
          ];
        },
      },
      {
        title: 'async generators and iterators: values, return, errors, left early, instanceof',
        run: async ({ app }) => {
          const service = app.get(Results);
          const all: number[] = [];
          for await (const n of service.stream(3)) all.push(n);
          for await (const n of service.stream(3)) if (n === 1) break;
          const stream = service.stream(1);
          const isSelf = stream[Symbol.asyncIterator]() === stream;
          const steps = await Promise.all([stream.next(), stream.next(), stream.next()]);
          const byHand: number[] = [];
          for await (const n of service.handmade()) byHand.push(n);
          const failure: unknown = await (async () => {
            for await (const n of service.failing()) byHand.push(n * 10);
          })().catch((error: unknown) => String(error));
          const method = Reflect.get(service, 'stream') as unknown as new () => object;
          return [all, isSelf, steps, byHand, failure, stream instanceof method, service.ran.splice(0)];
        },
      },
      {
        title: 'observables: values, errors, subjects stay subjects, a source that never pauses is stopped',
        run: async ({ app }) => {
          const service = app.get(Results);
          const changes = service.changes();
          const heard: number[] = [];
          changes.subscribe((n) => heard.push(n));
          service.changes().next(5);
          const numbers = service.numbers();
          return [
            heard,
            changes === service.subject,
            service.state().value,
            await lastValueFrom(service.endless().pipe(take(3), toArray())),
            await lastValueFrom(
              numbers.pipe(
                map((n) => n * 2),
                toArray(),
              ),
            ),
            await lastValueFrom(numbers.pipe(toArray())),
            numbers instanceof Observable,
            await firstValueFrom(service.broken()).catch((error: unknown) => String(error)),
          ];
        },
      },
      {
        title: 'a provider class that has a method named then',
        run: ({ app }) => app.get(Thenable, { strict: false }),
      },
    ],
  };
}
