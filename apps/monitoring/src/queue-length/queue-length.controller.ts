import { Controller, Get, Query } from '@nestjs/common';
import { Database, sql } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { cursorOf, windowUntil } from '../series/window.js';
import { queueLengthQuery } from './queue-length.schema.js';
import type { QueueLengthQuery, QueueLengthReport } from './queue-length.schema.js';

type Current = Omit<QueueLengthReport['current'][number], 'sampledAt'> & { sampledAt: Date };
type Bucket = Omit<QueueLengthReport['items'][number], 'bucket'> & { bucket: Date };

/** How long the queues are, by topic and consumer group. The topic `outbox` is what a service has yet to send. */
@Controller('queue-length')
export class QueueLengthController {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  @Get()
  async report(@Query({ schema: queueLengthQuery }) query: QueueLengthQuery): Promise<QueueLengthReport> {
    const { from, until } = windowUntil(this.clock.now(), query.windowHours);
    const [current, buckets] = await Promise.all([this.current(query, from), this.buckets(query, from)]);
    const items = buckets.slice(0, query.limit).map((row) => ({ ...row, bucket: row.bucket.toISOString() }));
    const last = buckets.length > query.limit ? items.at(-1) : undefined;
    return {
      from: from.toISOString(),
      until: until.toISOString(),
      current: current.map((row) => ({ ...row, sampledAt: row.sampledAt.toISOString() })),
      items,
      nextCursor: last === undefined ? null : cursorOf(last.bucket, last.topic, last.group),
    };
  }

  private async current(query: QueueLengthQuery, from: Date): Promise<Current[]> {
    const { rows } = await sql<Current>`
      select topic, consumer_group as "group", length::float8 as length, oldest_age_seconds as "oldestAgeSeconds",
        time as "sampledAt"
      from queue_lengths where time = (select max(time) from queue_lengths where time >= ${from}) and ${wanted(query)}
      order by topic, consumer_group`.execute(this.db.kysely);
    return rows;
  }

  private async buckets(query: QueueLengthQuery, from: Date): Promise<Bucket[]> {
    const [time, topic = '', group = ''] = query.cursor ?? [];
    const after =
      time === undefined
        ? sql`true`
        : sql`(bucket, topic, consumer_group) < (${time}::timestamptz, ${topic}, ${group})`;
    const { rows } = await sql<Bucket>`
      select bucket, topic, consumer_group as "group", mean_length as "meanLength", max_length::float8 as "maxLength",
        max_oldest_age_seconds as "maxOldestAgeSeconds"
      from queue_lengths_5m where bucket >= ${from}::timestamptz - interval '5 minutes' and ${wanted(query)} and ${after}
      order by bucket desc, topic desc, consumer_group desc limit ${query.limit + 1}`.execute(this.db.kysely);
    return rows;
  }
}

const wanted = ({ topic, group }: QueueLengthQuery): ReturnType<typeof sql> => sql`
  ${topic === undefined ? sql`true` : sql`topic = ${topic}`}
  and ${group === undefined ? sql`true` : sql`consumer_group = ${group}`}`;
