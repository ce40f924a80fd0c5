import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { MetricsSource } from './metrics.source.js';
import { samplerWorker } from './sampler.js';
import { SeriesGauges } from './series.gauges.js';
import { SeriesRepository } from './series.repository.js';
import { RollupWorker, SeriesPartitions, SeriesRollups, UpkeepWorker } from './series.upkeep.js';

/** Time series: written with the events, sampled, rolled up and bounded by jobs. */
@Module({
  providers: [
    SeriesRepository,
    SeriesPartitions,
    SeriesRollups,
    SeriesGauges,
    MetricsSource,
    UpkeepWorker,
    RollupWorker,
  ],
  exports: [SeriesRepository],
})
export class SeriesModule {
  static forRoot(sampleSeconds: number): DynamicModule {
    return { module: SeriesModule, global: true, providers: [samplerWorker(sampleSeconds * 1_000)] };
  }
}
