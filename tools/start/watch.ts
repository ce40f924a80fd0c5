import { setTimeout as sleep } from 'node:timers/promises';
import type { Ingestion, SignalOutcome } from '@signalpress/contracts';
import type { Pipeline } from './pipeline.ts';
import type { IngestedFeed } from './report.ts';
import { describeProgress } from './summary.ts';

const pollMs = 250;
/** An item without an outcome while nothing has moved for this long counts as failed, and the report says so. */
const stillDeadlineMs = 180_000;

export interface TakenIn {
  readonly label: string;
  readonly ingestion: Ingestion;
}

/** Waits until every accepted item of these ingestions has an outcome, and shows how far the pipeline has come. */
export async function watchOutcomes(
  pipeline: Pipeline,
  taken: readonly TakenIn[],
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<IngestedFeed[]> {
  let shown = '';
  let movedAt = performance.now();
  for (;;) {
    const feeds = await Promise.all(taken.map((one) => withOutcomes(pipeline, one)));
    const text = describeProgress(await pipeline.progress());
    if (text !== shown) {
      movedAt = performance.now();
      say(text);
      shown = text;
    }
    const still = performance.now() - movedAt > stillDeadlineMs;
    if (signal.aborted || still || feeds.every(isSettled)) return feeds;
    await sleep(pollMs);
  }
}

async function withOutcomes(pipeline: Pipeline, taken: TakenIn): Promise<IngestedFeed> {
  const known =
    taken.ingestion.totals.accepted === 0 ? [] : (await pipeline.outcomes(taken.ingestion.ingestionId)).items;
  return { ...taken, outcomes: new Map(known.map((outcome): [string, SignalOutcome] => [outcome.signalId, outcome])) };
}

function isSettled({ ingestion, outcomes }: IngestedFeed): boolean {
  const accepted = ingestion.items.filter((item) => item.result === 'accepted');
  return accepted.every(({ signalId }) => {
    const outcome = signalId === null ? undefined : outcomes.get(signalId)?.outcome;
    return outcome !== undefined && outcome !== 'pending';
  });
}
