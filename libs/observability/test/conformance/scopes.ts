import 'reflect-metadata';
import type { Libraries, Part } from './libraries.js';

/** Every way in which Nest makes and hands out instances. */
export function scopes({ common, core }: Libraries): Part {
  const { Inject, Injectable, Module, Scope, forwardRef } = common;
  let made = 0;

  @Injectable({ scope: Scope.REQUEST })
  class PerRequest {
    readonly #number = (made += 1);
    number(): number {
      return this.#number;
    }
  }
  @Injectable({ scope: Scope.REQUEST, durable: true })
  class Durable {
    kind(): string {
      return 'durable';
    }
  }
  @Injectable({ scope: Scope.TRANSIENT })
  class Transient {
    constructor(@Inject(core.INQUIRER) private readonly parent: object) {}
    owner(): string {
      return this.parent.constructor.name;
    }
  }
  @Injectable()
  class Holder {
    constructor(private readonly transient: Transient) {}
    owner(): string {
      return this.transient.owner();
    }
  }
  @Injectable()
  class Left {
    constructor(@Inject(forwardRef((): unknown => Right)) private readonly right: { name: () => string }) {}
    name(): string {
      return 'left';
    }
    other(): string {
      return this.right.name();
    }
  }
  @Injectable()
  class Right {
    constructor(@Inject(forwardRef(() => Left)) private readonly left: Left) {}
    name(): string {
      return `right of ${this.left.name()}`;
    }
  }
  class Undecorated {
    #secret = 'made by a factory';
    work(): string {
      return this.#secret;
    }
  }
  @Injectable()
  class Made {
    constructor(private readonly left: Left) {}
    work(): string {
      return `made with ${this.left.name()}`;
    }
  }
  @Injectable()
  class Lazy {
    work(): string {
      return 'lazy';
    }
  }
  @Module({ providers: [Lazy], exports: [Lazy] })
  class LazyModule {}

  return {
    providers: [
      PerRequest,
      Durable,
      Transient,
      Holder,
      Left,
      Right,
      { provide: 'factory', useFactory: () => Promise.resolve(new Undecorated()) },
      { provide: 'value', useValue: new Undecorated() },
      { provide: 'alias', useExisting: Left },
    ],
    probes: [
      {
        title: 'request-scoped and durable providers',
        run: async ({ app }) => {
          const ref = app.get(core.ModuleRef);
          const [one, two] = [core.ContextIdFactory.create(), core.ContextIdFactory.create()];
          const options = { strict: false };
          const [first, again, second] = [
            await ref.resolve(PerRequest, one, options),
            await ref.resolve(PerRequest, one, options),
            await ref.resolve(PerRequest, two, options),
          ];
          const durable = await ref.resolve(Durable, one, options);
          return [first === again, second.number() - first.number(), durable.kind()];
        },
      },
      {
        title: 'transient providers know who asked',
        run: async ({ app }) => {
          const own = await app.resolve(Transient).then((transient) => transient instanceof Transient);
          return [app.get(Holder).owner(), own];
        },
      },
      { title: 'circular providers', run: ({ app }) => [app.get(Left).other(), app.get(Right).name()] },
      {
        title: 'factories, values and aliases of classes without a decorator',
        run: ({ app }) => [
          app.get<Undecorated>('factory').work(),
          app.get<Undecorated>('value').work(),
          app.get('alias') === app.get(Left),
        ],
      },
      {
        title: 'ModuleRef.create',
        run: async ({ app }) => (await app.get(core.ModuleRef).create(Made)).work(),
      },
      {
        title: 'lazy-loaded modules',
        run: async ({ app }) => (await app.get(core.LazyModuleLoader).load(() => LazyModule)).get(Lazy).work(),
      },
    ],
  };
}
