import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { ScoreFactor } from '@signalpress/contracts';
import { sql } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import { z } from 'zod';
import { factors, unit } from './learning.js';
import type { Learning, Sample, Shares } from './learning.js';
import type { WeightsTables } from './weights.tables.js';

type Tx = Transaction<WeightsTables>;

const number = z.number();
const everyFactor = z.object({
  freshness: number,
  engagement: number,
  novelty: number,
  communityFit: number,
  seasonality: number,
} satisfies Record<ScoreFactor, typeof number>);

export interface WeightVersion {
  readonly version: number;
  readonly shares: Shares;
  /** Fingerprint of the samples it was learned from; null when it was not learned here. */
  readonly learnedFrom: string | null;
}

/** The newest ideas only: learning follows what buyers want now, and reads a bounded number of rows. */
const mostSamples = 2_000;

/** Versions of the weights, and what they are learned from; every method runs in the transaction of the job. */
@Injectable()
export class WeightsRepository {
  /** Whether a step was taken less than so long ago. */
  async isTooSoon(tx: Tx, leastMs: number): Promise<boolean> {
    const recent = await tx
      .selectFrom('weight_versions')
      .select('version')
      .where('samples', '>', 0)
      .where('recorded_at', '>', sql<Date>`now() - ${leastMs} * interval '1 millisecond'`)
      .limit(1)
      .executeTakeFirst();
    return recent !== undefined;
  }

  /** Listed ideas that somebody looked at, with every factor of their score. */
  async samples(tx: Tx): Promise<Sample[]> {
    const rows = await tx
      .selectFrom('performance')
      .innerJoin('ideas', 'ideas.idea_id', 'performance.idea_id')
      .innerJoin('idea_factors', 'idea_factors.idea_id', 'ideas.idea_id')
      .select(['ideas.idea_id as ideaId', 'views', 'sales'])
      .select(sql`jsonb_object_agg(factor, value)`.as('values'))
      .where('views', '>', 0)
      .groupBy(['ideas.idea_id', 'performance.idea_id'])
      .orderBy('ideas.scored_at', 'desc')
      .orderBy('ideas.idea_id')
      .limit(mostSamples)
      .execute();
    return rows.flatMap(({ values, ...rest }) => {
      const parsed = everyFactor.safeParse(values);
      return parsed.success ? [{ ...rest, values: parsed.data }] : [];
    });
  }

  /** The oldest weights that are known here. */
  async first(tx: Tx): Promise<WeightVersion | undefined> {
    const row = await tx.selectFrom('weight_versions').selectAll().orderBy('version').limit(1).executeTakeFirst();
    return row === undefined ? undefined : { version: row.version, shares: row.shares, learnedFrom: row.learned_from };
  }

  /** The weights that ideas are scored by, as far as it is known: our newest, or newer ones that a score was made with. */
  async current(tx: Tx): Promise<WeightVersion | undefined> {
    const own = await tx
      .selectFrom('weight_versions')
      .selectAll()
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst();
    const seen = await tx
      .selectFrom('ideas')
      .innerJoin('idea_factors', 'idea_factors.idea_id', 'ideas.idea_id')
      .select('weights_version as version')
      .select(sql`jsonb_object_agg(factor, weight)`.as('weights'))
      .where('weights_version', '>', own?.version ?? 0)
      .groupBy('ideas.idea_id')
      .having(sql<number>`count(*)`, '=', factors.length)
      .orderBy('weights_version', 'desc')
      .orderBy('scored_at', 'desc')
      .limit(1)
      .executeTakeFirst();
    const weights = everyFactor.safeParse(seen?.weights).data;
    if (seen !== undefined && weights !== undefined) {
      return { version: seen.version, shares: inUnits(weights), learnedFrom: null };
    }
    return own === undefined ? undefined : { version: own.version, shares: own.shares, learnedFrom: own.learned_from };
  }

  /** Writes down weights that were not learned here, as what learning begins with. */
  async addKnown(tx: Tx, { version, shares }: WeightVersion, at: Date): Promise<void> {
    await tx
      .insertInto('weight_versions')
      .values({ version, shares: JSON.stringify(shares), samples: 0, correlations: null, updated_at: at })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async addLearned(tx: Tx, version: number, learning: Learning, learnedFrom: string, at: Date): Promise<void> {
    await tx
      .insertInto('weight_versions')
      .values({
        version,
        shares: JSON.stringify(learning.shares),
        samples: learning.samples,
        correlations: JSON.stringify(learning.correlations),
        learned_from: learnedFrom,
        updated_at: at,
      })
      .execute();
  }
}

/** The same for the same samples, in whatever order they come. */
export function fingerprintOf(samples: readonly Sample[]): string {
  const lines = samples.map(({ ideaId, values, views, sales }) =>
    JSON.stringify([ideaId, views, sales, factors.map((factor) => values[factor])]),
  );
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

const inUnits = (weights: Readonly<Record<ScoreFactor, number>>): Shares => ({
  freshness: Math.round(weights.freshness * unit),
  engagement: Math.round(weights.engagement * unit),
  novelty: Math.round(weights.novelty * unit),
  communityFit: Math.round(weights.communityFit * unit),
  seasonality: Math.round(weights.seasonality * unit),
});
