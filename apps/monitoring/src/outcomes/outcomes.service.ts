import { Injectable } from '@nestjs/common';
import type { Outcomes, Progress, SignalOutcome } from '@signalpress/contracts';
import { OutcomesRepository } from './outcomes.repository.js';
import type { OutcomeRow } from './outcomes.repository.js';

/** Most signals of one ingestion that are answered; a feed document or a request has far fewer items. */
const LIMIT = 10_000;

/** Exactly one outcome per accepted signal. */
@Injectable()
export class OutcomesService {
  constructor(private readonly outcomes: OutcomesRepository) {}

  async ofIngestion(ingestionId: string): Promise<Outcomes> {
    const rows = await this.outcomes.ofIngestion(ingestionId, LIMIT);
    const items = rows.map(outcomeOfSignal);
    return { items, pending: items.filter(({ outcome }) => outcome === 'pending').length };
  }

  progress(): Promise<Progress> {
    return this.outcomes.progress();
  }
}

/** A signal has the outcome of its idea; without one, or while nothing came of it, it is pending. */
function outcomeOfSignal(row: OutcomeRow): SignalOutcome {
  const { signalId, ideaId, detail, publishLatencyMs, urls } = row;
  return { signalId, ideaId, outcome: row.outcome ?? 'pending', detail, urls, publishLatencyMs };
}
