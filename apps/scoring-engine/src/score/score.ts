import type { FactorScore, ScoreFactor } from '@signalpress/contracts';
import { centroid, embed } from '../text/embedding.js';
import type { Embedding, TextToEmbed } from '../text/embedding.js';
import { seasonality } from '../seasonality/seasonality.js';
import { communityFit } from './community-fit.js';
import { engagement } from './engagement.js';
import { ageInHours, freshness } from './freshness.js';
import type { ScoredSignal, ScoreInputs } from './inputs.js';
import { novelty } from './novelty.js';
import { factors, weightUnits } from './weights.js';

export interface Score {
  /** Weighted mean of the factors, 0..1: the sum of the contributions. */
  readonly score: number;
  readonly breakdown: readonly FactorScore[];
}

interface FactorValue {
  readonly value: number;
  readonly explanation: string;
}

/** Values are rounded to this many steps, as the weights are, so that products and their sum are exact integers. */
const valueUnits = 10_000;

/** What an idea's signals say together, as one vector. */
export function embedIdea(signals: readonly TextToEmbed[]): Embedding {
  return centroid(signals.map((signal) => ({ embedding: embed(signal), weight: 1 })));
}

/** The score of an idea: a pure function of its stored inputs, and the same in whatever order its signals came. */
export function score(stored: ScoreInputs): Score {
  const inputs = { ...stored, signals: [...stored.signals].sort(bySignalId) };
  const idea = embedIdea(inputs.signals);
  const values: Record<ScoreFactor, FactorValue> = {
    freshness: freshnessOf(inputs),
    engagement: engagementOf(inputs),
    novelty: noveltyOf(inputs, idea),
    communityFit: communityFitOf(inputs, idea),
    seasonality: seasonalityOf(inputs),
  };
  const exact = factors.map((factor) => ({
    factor,
    explanation: values[factor].explanation.slice(0, 300),
    value: Math.round(values[factor].value * valueUnits),
    weight: inputs.weights.shares[factor],
  }));
  const total = exact.reduce((sum, { value, weight }) => sum + value * weight, 0);
  return {
    score: total / (valueUnits * weightUnits),
    breakdown: exact.map(({ factor, value, weight, explanation }) => ({
      factor,
      value: value / valueUnits,
      weight: weight / weightUnits,
      contribution: (value * weight) / (valueUnits * weightUnits),
      explanation,
    })),
  };
}

const bySignalId = (a: ScoredSignal, b: ScoredSignal): number => (a.signalId < b.signalId ? -1 : 1);

const best = <T>(items: readonly T[], rank: (item: T) => number): T | undefined =>
  items.reduce<T | undefined>((top, item) => (top === undefined || rank(item) > rank(top) ? item : top), undefined);

/** The youngest signal counts: an idea that is taken up again is in the air again. */
function freshnessOf({ signals, asOf }: ScoreInputs): FactorValue {
  const ages = signals.map((signal) => ({ signal, hours: ageInHours(signal, asOf) }));
  const youngest = best(ages, ({ hours }) => -hours);
  const hours = youngest?.hours ?? 0;
  const what = youngest?.signal.publishedAt === null ? 'captured (no publication date)' : 'published';
  return { value: freshness(hours), explanation: `Newest signal ${what} ${hours.toFixed(1)} hours before scoring.` };
}

/** The signal that did best within its own source counts: counts of different sources do not compare. */
function engagementOf({ signals, statistics }: ScoreInputs): FactorValue {
  const counted = signals
    .filter((signal): signal is ScoredSignal & { engagement: number } => signal.engagement !== null)
    .map((signal) => {
      const source = statistics.sources[signal.source];
      return { signal, source, value: engagement(signal.engagement, source) };
    });
  const top = best(counted, ({ value }) => value);
  if (top === undefined) {
    return { value: 0.5, explanation: 'No source counts interactions with it; taken as usual.' };
  }
  const { samples = 0, median = 0, mad = 0 } = top.source ?? {};
  const usual = `median ${median} and MAD ${mad} of ${samples} at ${top.signal.source.slice(0, 100)} in 7 days`;
  return { value: top.value, explanation: `${top.signal.engagement} interactions against ${usual}.` };
}

function noveltyOf({ statistics: { recent } }: ScoreInputs, idea: Embedding): FactorValue {
  const value = novelty(idea, recent.centroid);
  const explanation =
    recent.centroid === null
      ? 'There are no recent ideas to compare it with.'
      : `Likeness ${(1 - value).toFixed(2)} to the centre of ${recent.ideas} recent ideas.`;
  return { value, explanation };
}

function communityFitOf({ statistics: { sold } }: ScoreInputs, idea: Embedding): FactorValue {
  const value = communityFit(idea, sold);
  const explanation =
    sold.centroid === null
      ? 'Nothing has sold yet; neutral.'
      : `Likeness to the ${sold.ideas} ideas that sold, held towards neutral while they are few.`;
  return { value, explanation };
}

function seasonalityOf({ statistics: { occasions } }: ScoreInputs): FactorValue {
  const [nearest] = [...occasions].sort((a, b) => Math.abs(a.days) - Math.abs(b.days));
  const value = seasonality(occasions);
  if (nearest === undefined) return { value, explanation: 'Names no calendar event; neutral.' };
  const when =
    nearest.days === 0 ? 'today' : nearest.days > 0 ? `in ${nearest.days} days` : `${-nearest.days} days ago`;
  return { value, explanation: `Names ${nearest.name.slice(0, 80)} (${nearest.date}, ${when}).` };
}
