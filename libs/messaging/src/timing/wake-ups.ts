import { Injectable } from '@nestjs/common';
import { Logger, NotTraced } from '@signalpress/observability';
import { Database } from '@signalpress/persistence';
import { MessagingSettings } from '../messaging.options.js';
import { Loop } from './loop.js';

/** Told by a transaction of the service that wrote to its jobs. */
export const serviceChannel = (service: string): string => `messaging_${service.replaceAll('-', '_')}`;

const RETRY_MS = 5_000;

/**
 * LISTEN, as far as it goes. While the database is away there are no wake-ups and everybody polls, which is always enough.
 */
@Injectable()
@NotTraced()
export class WakeUps {
  private readonly wanted: { channel: string; wake: (payload: string) => void }[] = [];
  private readonly listening: (() => Promise<void>)[] = [];
  private readonly subscribing: Loop;

  constructor(
    private readonly db: Database,
    private readonly settings: MessagingSettings,
    logger: Logger,
  ) {
    this.subscribing = new Loop({
      name: 'listen',
      everyMs: RETRY_MS,
      pass: () => this.subscribe(),
      onFault: (_name, error) => {
        if (error !== undefined) logger.warn('cannot listen for wake-ups, polling only', { err: error });
      },
    });
  }

  on(channel: string, wake: (payload: string) => void): void {
    this.wanted.push({ channel, wake });
    this.subscribing.wake();
  }

  start(): void {
    if (this.settings.tuning.listen) this.subscribing.start();
  }

  async close(): Promise<void> {
    await this.subscribing.stop();
    await Promise.allSettled(this.listening.splice(0).map((stop) => stop()));
  }

  private async subscribe(): Promise<undefined> {
    for (let next = this.wanted[0]; next !== undefined; next = this.wanted[0]) {
      this.listening.push(await this.db.listen(next.channel, next.wake));
      this.wanted.shift();
      // What was told before we listened.
      next.wake('');
    }
  }
}
