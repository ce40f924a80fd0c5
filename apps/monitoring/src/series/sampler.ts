import { Injectable } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { Queues, Worker } from '@signalpress/messaging';
import type { Effect, Job, JobHandler, QueueLength } from '@signalpress/messaging';
import { Clock } from '@signalpress/service-defaults';
import { z } from 'zod';
import type { MonitoringTables } from '../read-model/read-model.tables.js';
import { coresBetween } from './exposition.js';
import type { CpuReading } from './exposition.js';
import { MetricsSource } from './metrics.source.js';
import type { Answer } from './metrics.source.js';
import type { SeriesTables } from './series.tables.js';

/** Name under which the length of a service's outbox stands among the topics. */
export const OUTBOX = 'outbox';

/** Samples what the services use and how long the queues are. */
@Injectable()
export class Sampler implements JobHandler<object> {
  /** The newest reading by service, of this instance: whoever samples next computes with its own. */
  private readonly readings = new Map<string, CpuReading>();

  constructor(
    private readonly source: MetricsSource,
    private readonly queues: Queues,
    private readonly clock: Clock,
  ) {}

  async run(job: Pick<Job<object>, 'signal'>): Promise<Effect<MonitoringTables>> {
    const time = this.clock.now();
    const [answers, queues] = await Promise.all([this.source.all(job.signal), this.queues.lengths()]);
    const usage = answers.map((answer) => this.usageOf(answer, time));
    const lengths = [...queues.map((queue) => lengthOf(queue, time)), ...outboxes(answers, time)];
    return async (tx) => {
      await tx
        .insertInto('resource_usage')
        .values(usage)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      if (lengths.length === 0) return;
      await tx
        .insertInto('queue_lengths')
        .values(lengths)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    };
  }

  private usageOf({ service, atMs, figures }: Answer, time: Date): SeriesTables['resource_usage'] {
    const cpu = figures?.cpuSecondsTotal ?? null;
    const reading = cpu === null ? undefined : { atMs, cpuSeconds: cpu };
    const cores = reading === undefined ? null : coresBetween(this.readings.get(service), reading);
    // Through an outage the rate would say little: it begins anew.
    if (reading === undefined) this.readings.delete(service);
    else this.readings.set(service, reading);
    return {
      time,
      service,
      cpu_cores: cores,
      resident_memory_bytes: figures?.residentMemoryBytes ?? null,
      heap_used_bytes: figures?.heapUsedBytes ?? null,
      event_loop_lag_seconds: figures?.eventLoopLagSeconds ?? null,
      up: figures !== null,
    };
  }
}

/** The sampler as a recurring worker; its interval is a setting, so the class is made when the module is. */
export function samplerWorker(everyMs: number): Type<JobHandler<object>> {
  @Worker({ name: 'sample', concurrency: 1, everyMs, payload: z.object({}) })
  class SamplerWorker extends Sampler {}
  return SamplerWorker;
}

const lengthOf = (queue: QueueLength, time: Date): SeriesTables['queue_lengths'] => ({
  time,
  topic: queue.topic,
  consumer_group: queue.group,
  length: queue.events,
  oldest_age_seconds: queue.oldestAgeSeconds,
});

function outboxes(answers: readonly Answer[], time: Date): SeriesTables['queue_lengths'][] {
  return answers.flatMap(({ service, figures }) => {
    if (figures === null || figures.outboxWaiting === null) return [];
    const age = figures.outboxWaiting === 0 ? null : figures.outboxOldestAgeSeconds;
    const row = { time, topic: OUTBOX, consumer_group: service, length: figures.outboxWaiting };
    return [{ ...row, oldest_age_seconds: age }];
  });
}
