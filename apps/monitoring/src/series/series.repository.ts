import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { EventData } from '@signalpress/contracts';
import { sql } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import { MonitoringSettings } from '../monitoring.settings.js';
import type { IdeaRow, MonitoringTables } from '../read-model/read-model.tables.js';
import { seriesOf } from './idea.series.js';
import type { IdeaSeries } from './idea.series.js';
import type { SeriesTables } from './series.tables.js';

type Tx = Transaction<MonitoringTables>;

/** What the series write in the transaction of an event. The rows depend on what the events say, never on their order. */
@Injectable()
export class SeriesRepository {
  private readonly thresholdSeconds: number;

  constructor(settings: MonitoringSettings) {
    this.thresholdSeconds = settings.slaThresholdHours * 3_600;
  }

  isWithinSla(latencySeconds: number): boolean {
    return latencySeconds <= this.thresholdSeconds;
  }

  /** Writes what an idea's new state means for the series, and takes back what it no longer means. */
  async replaceIdea(tx: Tx, before: IdeaRow, after: IdeaRow): Promise<void> {
    const old = seriesOf(before, this.thresholdSeconds);
    const now = seriesOf(after, this.thresholdSeconds);
    if (!isDeepStrictEqual(old.latency, now.latency)) await this.replaceLatency(tx, old.latency, now.latency);
    const gone = old.stages.filter((row) => !now.stages.some((other) => isDeepStrictEqual(row, other)));
    const come = now.stages.filter((row) => !old.stages.some((other) => isDeepStrictEqual(row, other)));
    for (const { time, stage } of gone) {
      const of = tx.deleteFrom('stage_durations').where('time', '=', time).where('idea_id', '=', after.idea_id);
      await of.where('stage', '=', stage).execute();
    }
    await insert(tx, 'stage_durations', ['time', 'idea_id', 'stage'], come);
  }

  /** Serialises what is heard of a signal and of the idea that it founds. Taken before the idea is locked. */
  async lockSignal(tx: Tx, signalId: string): Promise<void> {
    await sql`select pg_advisory_xact_lock(hashtext('monitoring.signal'), hashtext(${signalId}))`.execute(tx);
  }

  /** Names the source in the rows of the ideas that a signal founded, once both are known. */
  async nameSource(tx: Tx, signalId: string): Promise<void> {
    for (const table of ['publish_latency', 'idea_scores'] as const) {
      await sql`
        update ${sql.table(table)} as rows set source = signals.source
        from signals join ideas on ideas.founding_signal_id = signals.signal_id
        where signals.signal_id = ${signalId} and rows.idea_id = ideas.idea_id
          and rows.source <> signals.source`.execute(tx);
    }
  }

  async addScore(tx: Tx, data: EventData<'ideas.scored'>): Promise<void> {
    const { ideaId, revision, score, weightsVersion } = data;
    const time = new Date(data.asOf);
    const row = { time, idea_id: ideaId, revision, score, weights_version: weightsVersion, source: 'unknown' };
    await insert(tx, 'idea_scores', ['time', 'idea_id', 'revision'], [row], ['score', 'weights_version']);
    const factors = data.breakdown.map(({ factor, value, weight }) => ({
      time,
      idea_id: ideaId,
      factor,
      value,
      weight,
    }));
    await insert(tx, 'factor_scores', ['time', 'idea_id', 'factor'], factors, ['value', 'weight']);
  }

  async addDecision(tx: Tx, data: EventData<'ideas.decided'>): Promise<void> {
    const { ideaId, decision, rule, decidedBy, decidedAt } = data;
    const row = { time: new Date(decidedAt), idea_id: ideaId, decision, rule, decided_by: decidedBy };
    await insert(tx, 'decisions', ['time', 'idea_id', 'decision'], [row], ['rule', 'decided_by']);
  }

  async addWeights(tx: Tx, { version, weights, samples, updatedAt }: EventData<'weights.updated'>): Promise<void> {
    const time = new Date(updatedAt);
    const rows = Object.entries(weights).map(([factor, weight]) => ({ time, version, factor, weight, samples }));
    await insert(tx, 'weight_history', ['time', 'version', 'factor'], rows, ['weight', 'samples']);
  }

  async addPerformance(tx: Tx, data: EventData<'feedback.received'>): Promise<void> {
    const { ideaId, views, favourites, sales, conversion, observedAt } = data;
    const row = { time: new Date(observedAt), idea_id: ideaId, views, favourites, sales, conversion };
    await insert(tx, 'idea_performance', ['time', 'idea_id'], [row], ['views', 'favourites', 'sales']);
  }

  async addSync(tx: Tx, data: EventData<'listings.drifted'>): Promise<void> {
    const { ideaId, marketplace, listingId, drifts, observedAt } = data;
    const kinds = [...new Set(drifts.map(({ kind }) => kind))].sort();
    const row = { time: new Date(observedAt), marketplace, idea_id: ideaId, listing_id: listingId };
    const rows = [{ ...row, drifts: drifts.length, kinds }];
    await insert(tx, 'listing_syncs', ['time', 'marketplace', 'listing_id'], rows, ['drifts', 'kinds']);
  }

  private async replaceLatency(tx: Tx, old: IdeaSeries['latency'], now: IdeaSeries['latency']): Promise<void> {
    if (old !== null) {
      const row = tx.deleteFrom('publish_latency').where('time', '=', old.time).where('idea_id', '=', old.idea_id);
      await row.execute();
    }
    if (now === null) return;
    await insert(tx, 'publish_latency', ['time', 'idea_id'], [{ ...now, source: 'unknown' }]);
  }
}

/**
 * Writes rows. Where two have one key, the one that compares greater stays: which is no better than the other, but the same
 * one whichever came first.
 */
async function insert<T extends keyof SeriesTables>(
  tx: Tx,
  table: T,
  key: readonly (keyof SeriesTables[T] & string)[],
  rows: readonly SeriesTables[T][],
  values: readonly (keyof SeriesTables[T] & string)[] = [],
): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = Object.keys(first) as (keyof SeriesTables[T] & string)[];
  const list = (names: readonly string[], from = ''): ReturnType<typeof sql> =>
    sql.join(names.map((name) => sql.ref(`${from}${name}`)));
  const tuples = rows.map((row) => sql`(${sql.join(columns.map((column) => sql.val(row[column])))})`);
  const set = sql.join(values.map((name) => sql`${sql.ref(name)} = ${sql.ref(`excluded.${name}`)}`));
  const onConflict =
    values.length === 0
      ? sql`do nothing`
      : sql`do update set ${set} where (${list(values, 'excluded.')}) > (${list(values, `${table}.`)})`;
  await sql`
    insert into ${sql.table(table)} (${list(columns)}) values ${sql.join(tuples)}
    on conflict (${list(key)}) ${onConflict}`.execute(tx);
}
