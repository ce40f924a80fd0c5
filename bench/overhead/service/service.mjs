/**
 * The service that every variant runs: a controller, a guard, an interceptor, two providers, about 1 kB of JSON. Nest comes in as an
 * argument, because the variants load it from different places and each process must have one copy of it alone.
 */
const NOTES = 'Words that a listing of this size carries, so that the answer weighs what such an answer weighs. ';

/** @param nest `@nestjs/common` of the variant. */
export function defineService(nest) {
  class ScoreService {
    score(idea) {
      return (idea.votes * 7 + idea.title.length) % 100;
    }
  }
  nest.Injectable()(ScoreService);

  class IdeaService {
    constructor(scores) {
      this.scores = scores;
    }

    async find(id) {
      const idea = {
        id,
        title: `Idea ${id}`,
        votes: id.length * 13,
        notes: NOTES.repeat(8),
        tags: ['lake', 'kayak', 'moon'],
      };
      return { ...idea, score: this.scores.score(idea), history: [3, 1, 4, 1, 5, 9, 2, 6].map((value) => ({ value })) };
    }
  }
  nest.Injectable()(IdeaService);
  nest.Inject(ScoreService)(IdeaService, undefined, 0);

  class CallerGuard {
    canActivate(execution) {
      return execution.switchToHttp().getRequest().headers['x-blocked'] === undefined;
    }
  }
  nest.Injectable()(CallerGuard);

  class NoteInterceptor {
    intercept(execution, next) {
      execution.switchToHttp().getResponse().header('x-noted', '1');
      return next.handle();
    }
  }
  nest.Injectable()(NoteInterceptor);

  class IdeaController {
    constructor(ideas) {
      this.ideas = ideas;
    }

    async show(id) {
      return this.ideas.find(id);
    }

    fail() {
      throw new Error('a failure that belongs in the error tracker');
    }
  }
  nest.Controller('ideas')(IdeaController);
  nest.Inject(IdeaService)(IdeaController, undefined, 0);
  nest.UseGuards(CallerGuard)(IdeaController);
  nest.UseInterceptors(NoteInterceptor)(IdeaController);
  route(nest, IdeaController, 'fail', 'failing');
  route(nest, IdeaController, 'show', ':id');
  nest.Param('id')(IdeaController.prototype, 'show', 0);

  return {
    controllers: [IdeaController],
    providers: [IdeaService, ScoreService, CallerGuard, NoteInterceptor],
    /** Where somebody who opens spans by hand would open them: class, method. */
    places: [
      [CallerGuard, 'canActivate'],
      [NoteInterceptor, 'intercept'],
      [IdeaService, 'find'],
      [ScoreService, 'score'],
    ],
  };
}

/** @returns the module class of an application with the service and what the variant adds. */
export function defineModule(nest, service, { imports = [], controllers = [], providers = [] } = {}) {
  class AppModule {}
  nest.Module({
    imports,
    controllers: [...controllers, ...service.controllers],
    providers: [...providers, ...service.providers],
  })(AppModule);
  return AppModule;
}

function route(nest, type, method, path) {
  nest.Get(path)(type.prototype, method, Object.getOwnPropertyDescriptor(type.prototype, method));
}
