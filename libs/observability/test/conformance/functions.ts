import 'reflect-metadata';
import type { Libraries, Part } from './libraries.js';

/** What code does with methods besides calling them. */
export function functions({ common, core }: Libraries): Part {
  const { Injectable, SetMetadata, mixin } = common;

  class Plain {
    inherited(word: string): string {
      return `plain ${word}`;
    }
    shared(): string {
      return 'plain';
    }
  }
  @Injectable()
  class Lower extends Plain {
    override shared(): string {
      return `lower of ${super.shared()}`;
    }
    async later(value: number): Promise<number> {
      await Promise.resolve();
      return value + 1;
    }
  }
  @Injectable()
  class Upper extends Lower {
    override shared(): string {
      return `upper of ${super.shared()}`;
    }
    override async later(value: number): Promise<number> {
      return (await super.later(value)) * 2;
    }
    @SetMetadata('roles', ['admin'])
    marked(first: string, second = 2): string {
      return first + String(second);
    }
    me(): unknown {
      return this;
    }
    fluent(): this {
      return this;
    }
    fails(kind: string): never {
      if (kind === 'text') throw 'a text' as unknown as Error;
      if (kind === 'nothing') throw undefined as unknown as Error;
      throw new RangeError(kind);
    }
    async rejects(error: Error): Promise<never> {
      await Promise.resolve();
      throw error;
    }
  }
  const mixed = (factor: number) => {
    class Multiplier {
      times(value: number): number {
        return value * factor;
      }
    }
    return mixin(Multiplier) as new () => Multiplier;
  };
  const [Double, Triple] = [mixed(2), mixed(3)];
  // As compilers of old wrote classes: its methods are constructors.
  function Old(this: object): void {
    Object.assign(this, { made: true });
  }
  const oldPrototype = Old.prototype as Record<string, unknown>;
  oldPrototype['Point'] = function (this: Record<string, unknown>, x: number) {
    this['x'] = x;
  };
  oldPrototype['held'] = class Held {
    one = 1;
  };
  Injectable()(Old);

  return {
    providers: [Lower, Upper, Double, Triple, { provide: 'old', useClass: Old as unknown as new () => object }],
    probes: [
      {
        title: 'super, override over two levels, inheritance from a class without a decorator',
        run: async ({ app }) => {
          const upper = app.get(Upper);
          return [
            upper.inherited('x'),
            upper.shared(),
            await upper.later(1),
            app.get(Lower).shared(),
            new Plain().shared(),
          ];
        },
      },
      {
        title: 'metadata of methods: unprotected routes after a wrapper lost the roles (opentelemetry-js-contrib #796)',
        run: ({ app }) => {
          const marked = methodOf(app.get(Upper), 'marked');
          const before = app.get(core.Reflector).get<string[]>('roles', marked);
          SetMetadata('late', true)(marked);
          return [before, app.get(core.Reflector).get<boolean>('late', marked)];
        },
      },
      {
        title: 'name, arity, source text and kind: code that asks whether a method is an AsyncFunction (vendure)',
        run: ({ app }) => {
          const [marked, later] = [methodOf(app.get(Upper), 'marked'), methodOf(app.get(Upper), 'later')];
          return [
            [marked.name, marked.length, marked.toString(), Object.prototype.toString.call(marked)],
            [later.constructor.name, Object.prototype.toString.call(later), typeof later],
            'prototype' in marked,
            Object.keys(Upper.prototype),
            Object.getOwnPropertyNames(Upper.prototype).filter((key) => key !== 'inherited'),
          ];
        },
      },
      {
        title: 'receivers: call, apply, bind, detached, fluent',
        run: ({ app }) => {
          const upper = app.get(Upper);
          const other = { other: true };
          const detached = methodOf(upper, 'me');
          return [
            upper.me.call(other),
            upper.me.bind(other)(),
            detached.apply(undefined) === undefined,
            upper.fluent() === upper,
          ];
        },
      },
      {
        title: 'methods called with new, and classes held by a prototype',
        run: ({ app }) => {
          const old = app.get<{ Point: new (x: number) => object; held: new () => object }>('old');
          const marked = methodOf(app.get(Upper), 'marked');
          const point = new old.Point(3);
          return [
            point,
            point instanceof old.Point,
            new old.held() instanceof old.held,
            outcomeOf(() => Reflect.construct(marked, [])).startsWith('TypeError'),
          ];
        },
      },
      {
        title: 'methods replaced while the application runs: on the instance, the class, its base',
        run: ({ app }) => {
          const upper = app.get(Upper);
          const kept = Object.getOwnPropertyDescriptor(Plain.prototype, 'inherited');
          Plain.prototype.inherited = (word) => `replaced ${word}`;
          const first = upper.inherited('y');
          if (kept) Object.defineProperty(Plain.prototype, 'inherited', kept);
          upper.shared = () => 'of the instance';
          const second = upper.shared();
          Reflect.deleteProperty(upper, 'shared');
          return [first, second, upper.shared()];
        },
      },
      {
        title: 'errors: the same object, thrown or rejected, whatever it is',
        run: async ({ app }) => {
          const upper = app.get(Upper);
          const error = Object.freeze(new Error('kept'));
          const rejected: unknown = await upper.rejects(error).catch((thrown: unknown) => thrown);
          return [
            ...['text', 'nothing', 'range'].map((kind) => outcomeOf(() => upper.fails(kind))),
            rejected === error,
          ];
        },
      },
      { title: 'mixins', run: ({ app }) => [app.get(Double).times(4), app.get(Triple).times(4)] },
    ],
  };
}

type AnyMethod = (this: unknown, ...args: unknown[]) => unknown;

function methodOf(holder: object, key: string): AnyMethod {
  return Reflect.get(holder, key) as AnyMethod;
}

function outcomeOf(work: () => unknown): string {
  try {
    return `returned ${String(work())}`;
  } catch (error) {
    return String(error);
  }
}
