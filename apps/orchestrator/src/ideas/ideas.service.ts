import { Injectable } from '@nestjs/common';
import { linkTo, semconv, withSpan } from '@signalpress/observability';
import { Database } from '@signalpress/persistence';
import type { Person } from '../workflow/workflow.decisions.js';
import { WorkflowService } from '../workflow/workflow.service.js';
import type { OrchestratorTables } from '../workflow/workflow.tables.js';
import { IdeaNotFound, StateConflict } from './ideas.errors.js';
import { IdeasRepository } from './ideas.repository.js';
import { encodeCursor } from './ideas.schemas.js';
import type { ListQuery } from './ideas.schemas.js';
import { detailsOf, summaryOf } from './ideas.view.js';
import type { IdeaDetails, IdeaSummary } from './ideas.view.js';

export interface IdeaPage {
  readonly items: IdeaSummary[];
  /** Gives the next page; null on the last. */
  readonly nextCursor: string | null;
}

/** Ideas as people see them and what people decide about them. */
@Injectable()
export class IdeasService {
  constructor(
    private readonly db: Database<OrchestratorTables>,
    private readonly ideas: IdeasRepository,
    private readonly workflow: WorkflowService,
  ) {}

  async list(query: ListQuery): Promise<IdeaPage> {
    const rows = await this.ideas.page(query);
    const items = rows.slice(0, query.limit);
    const last = items.at(-1);
    const more = rows.length > items.length && last !== undefined;
    return {
      items: items.map(summaryOf),
      nextCursor: more ? encodeCursor({ createdAt: last.created_at, ideaId: last.idea_id }) : null,
    };
  }

  /** @throws IdeaNotFound */
  async details(ideaId: string): Promise<IdeaDetails> {
    const idea = await this.ideas.find(ideaId);
    if (idea === undefined) throw new IdeaNotFound(ideaId);
    const [history, holds] = await Promise.all([this.ideas.history(ideaId), this.ideas.holds(ideaId)]);
    return detailsOf(idea, history, holds);
  }

  /**
   * A person's word. The idea goes on in the trace of the request, linked to the trace that it came with.
   * @throws IdeaNotFound
   * @throws StateConflict when the idea's state does not allow it
   */
  async act(ideaId: string, action: 'approve' | 'reject' | 'withdraw', person: Person): Promise<IdeaDetails> {
    const idea = await this.ideas.find(ideaId);
    if (idea === undefined) throw new IdeaNotFound(ideaId);
    const link = idea.trace === null ? undefined : linkTo(idea.trace);
    const handle = () =>
      this.db.transaction((tx) => this.workflow.handle(tx, { ideaId, person, input: { type: action } }));
    const attributes = { [semconv.attributeNames.ideaId]: ideaId };
    const handled = await withSpan(`ideas.${action}`, attributes, handle, link === undefined ? {} : { links: [link] });
    if (handled.refused) throw new StateConflict(action, handled.state);
    return this.details(ideaId);
  }
}
