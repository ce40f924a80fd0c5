import { Injectable } from '@nestjs/common';
import { OnEvent } from '@signalpress/messaging';
import type { ReceivedEvent } from '@signalpress/messaging';
import type { Transaction } from '@signalpress/persistence';
import type { ScoringTables } from '../scoring/scoring.tables.js';
import { GroupingService } from './grouping.service.js';

@Injectable()
export class GroupingConsumer {
  constructor(private readonly grouping: GroupingService) {}

  @OnEvent('signals.ingested', { onPoison: 'dead-letter' })
  async signalIngested(event: ReceivedEvent<'signals.ingested'>, tx: Transaction<ScoringTables>): Promise<void> {
    await this.grouping.group(tx, event.data);
  }
}
