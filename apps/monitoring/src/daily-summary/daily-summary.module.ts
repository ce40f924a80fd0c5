import { Module } from '@nestjs/common';
import { DailySummaryController } from './daily-summary.controller.js';

@Module({ controllers: [DailySummaryController] })
export class DailySummaryModule {}
