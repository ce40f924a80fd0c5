import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { Logger } from '@signalpress/observability';
import { WordListFiles } from '../safety/word-lists.js';
import { OccasionCalendar } from '../seasonality/calendar.js';
import { ScoresController } from './scores.controller.js';
import { ScoringRepository } from './scoring.repository.js';
import { ScoringService } from './scoring.service.js';
import { ScoringWorker } from './scoring.worker.js';
import { StatisticsRepository } from './statistics.repository.js';

export interface ScoringOptions {
  /** ISO 3166-1 code of the shop's country. */
  readonly region: string;
  /** IANA name. */
  readonly timeZone: string;
  /** Directory of the word lists, with a slash at its end. */
  readonly wordLists: URL;
}

@Module({})
export class ScoringModule {
  static register({ region, timeZone, wordLists }: ScoringOptions): DynamicModule {
    return {
      module: ScoringModule,
      controllers: [ScoresController],
      providers: [
        { provide: OccasionCalendar, useFactory: () => new OccasionCalendar(region, timeZone) },
        {
          provide: WordListFiles,
          inject: [Logger],
          useFactory: (logger: Logger) => new WordListFiles(wordLists, logger),
        },
        ScoringRepository,
        StatisticsRepository,
        ScoringService,
        ScoringWorker,
      ],
    };
  }
}
