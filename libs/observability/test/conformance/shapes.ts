import { EventEmitter } from 'node:events';
import 'reflect-metadata';
import type { Libraries, Part } from './libraries.js';

/** Instances and classes that a proxy around them, or a change of them, would break. */
export function shapes({ common }: Libraries): Part {
  const { Injectable } = common;

  class Private {
    #count = 0;
    static #made = 0;
    #step(): number {
      return (this.#count += 1);
    }
    next(): number {
      Private.#made += 1;
      return this.#step() + Private.#made * 100;
    }
    is(other: object): boolean {
      return #count in other;
    }
  }
  // TypeScript has no decorators of old on a class with a static private field.
  Injectable()(Private);
  @Injectable()
  class Registry extends Map<string, number> {
    add(name: string): this {
      return this.set(name, this.size);
    }
  }
  @Injectable()
  class Stack extends Array<number> {
    pushed(value: number): number {
      this.push(value);
      return this.length;
    }
  }
  @Injectable()
  class Bus extends EventEmitter {
    say(word: string): boolean {
      return this.emit('word', word);
    }
  }
  @Injectable()
  class Fault extends Error {
    explain(): string {
      return `${this.name}: ${String(this instanceof Error)}`;
    }
  }
  @Injectable()
  class Accessors {
    private held = 1;
    get value(): number {
      return this.held;
    }
    set value(next: number) {
      this.held = next * 2;
    }
    static made(): string {
      return 'static';
    }
  }
  const label = Symbol('label');
  @Injectable()
  class Symbols {
    [label](): string {
      return 'by symbol';
    }
    get [Symbol.toStringTag](): string {
      return 'Symbols';
    }
    *[Symbol.iterator](): Generator<number> {
      yield* [1, 2, 3];
    }
    [Symbol.toPrimitive](hint: string): string {
      return hint;
    }
  }
  @Injectable()
  class Frozen {
    work(): string {
      return 'frozen';
    }
  }
  Object.freeze(Frozen.prototype);
  Object.freeze(Frozen);

  // What Nest itself asks of any provider is answered; everything else only inside of a request.
  const asked = /^(then|constructor|configure|on[A-Z]|before[A-Z])/;
  const refuse = (): never => {
    throw new Error('not in a request');
  };
  const refusing = new Proxy(
    {},
    {
      get: (_target, key) => (typeof key === 'string' && asked.test(key) ? undefined : refuse()),
      getOwnPropertyDescriptor: refuse,
      ownKeys: refuse,
      has: refuse,
    },
  );
  const revoked = Proxy.revocable({}, {});
  const model = Object.assign(() => 'called', { find: () => 'found', Axios: true });
  const bare = Object.assign(Object.create(null) as object, { a: () => 1 });

  return {
    providers: [
      Private,
      Registry,
      Stack,
      Bus,
      Fault,
      Accessors,
      Symbols,
      Frozen,
      { provide: 'map', useFactory: () => Promise.resolve(new Map([['a', 1]])) },
      { provide: 'refusing', useFactory: () => refusing },
      { provide: 'revoked', useFactory: () => ({ held: revoked.proxy }) },
      { provide: 'model', useValue: model },
      { provide: 'bare', useValue: bare },
      { provide: 'frozen', useValue: Object.freeze({ work: () => 'frozen value' }) },
      { provide: 'then', useValue: { a: 1 } },
      { provide: 'nothing', useValue: undefined },
      { provide: 'proxied', useFactory: () => new Proxy(new Registry([['x', 1]]), { get: bound }) },
    ],
    probes: [
      {
        title: 'private fields: "Receiver must be an instance of class" (nestjs/nest #17552)',
        run: ({ app }) => {
          const service = app.get(Private);
          return [service.next(), service.next(), service.is(service), service.is({})];
        },
      },
      {
        title: 'built-in subclasses with internal slots: "called on incompatible receiver" (nestjs/nest #17569)',
        run: ({ app }) => {
          const registry = app.get(Registry);
          const stack = app.get(Stack);
          const bus = app.get(Bus);
          const heard: string[] = [];
          bus.once('word', (word: string) => heard.push(word));
          return [
            [...registry.add('a').add('b')],
            [stack.pushed(4), [...stack.map((n) => n + 1)], Array.isArray(stack), stack.length],
            [bus.say('hello'), bus.say('again'), heard],
            app.get(Fault).explain(),
            app.get<Map<string, number>>('map').get('a'),
            app.get<Registry>('proxied').add('y').size,
          ];
        },
      },
      {
        title: 'proxies that answer outside of a request only with an error (nestjs/nest #17553)',
        run: ({ app }) => [
          app.get('refusing') === refusing,
          app.get<{ held: object }>('revoked').held === revoked.proxy,
        ],
      },
      {
        title: 'callable objects with methods of their own: models, axios (nestjs/nest #17553)',
        run: ({ app }) => {
          const held = app.get<typeof model>('model');
          return [held === model, held(), held.find(), Object.keys(held)];
        },
      },
      {
        title: 'frozen classes and values, values without a prototype, undefined, a token named then',
        run: ({ app }) => [
          app.get(Frozen).work(),
          app.get<{ work: () => string }>('frozen').work(),
          app.get('bare') === bare,
          app.get('nothing') === undefined,
          app.get<object>('then'),
        ],
      },
      {
        title: 'accessors, static methods, symbols as names, implicit conversions',
        run: ({ app }) => {
          const accessors = app.get(Accessors);
          accessors.value = 5;
          const symbols = app.get(Symbols);
          return [
            accessors.value,
            Accessors.made(),
            symbols[label](),
            [...symbols],
            symbols[Symbol.toPrimitive]('string'),
          ];
        },
      },
    ],
  };
}

function bound(target: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key);
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}
