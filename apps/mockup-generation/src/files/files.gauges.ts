import { Injectable } from '@nestjs/common';
import { Metrics } from '@signalpress/observability';
import { FileStore } from './file-store.js';
import { filesCapacity, filesFree } from './files.metrics.js';

/** The disk under the files, asked when it is scraped: a full one is known before rendering stops. */
@Injectable()
export class FilesGauges {
  constructor(metrics: Metrics, store: FileStore) {
    metrics.observeGauge(filesFree, async () => (await store.disk())?.freeBytes ?? []);
    metrics.observeGauge(filesCapacity, async () => (await store.disk())?.capacityBytes ?? []);
  }
}
