import pg from 'pg';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

export type NotificationHandler = (payload: string) => void;

/**
 * One connection that only listens, shared by all channels of a {@link Database}. When it is lost it is opened again
 * after 0.1 to 5 s (full jitter) and every channel is listened to again. What was notified meanwhile is lost, as
 * PostgreSQL keeps no notification for an absent listener: a notification is a wake-up, and whoever waits for one polls
 * as well.
 */
export class Listener {
  private readonly handlers = new Map<string, Set<NotificationHandler>>();
  private client: pg.Client | undefined;
  private connecting: Promise<pg.Client> | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private failures = 0;
  private closed = false;

  constructor(private readonly config: pg.ClientConfig) {}

  /** Resolves once the channel is listened to; rejects if the database cannot be reached. */
  async add(channel: string, handler: NotificationHandler): Promise<() => Promise<void>> {
    if (this.closed) throw new Error('Cannot listen: the database is closed');
    const handlers = this.handlers.get(channel) ?? new Set();
    this.handlers.set(channel, handlers.add(handler));
    try {
      const client = await this.connected();
      await this.inTurn(() => client.query(`listen ${pg.escapeIdentifier(channel)}`));
    } catch (error) {
      this.forget(channel, handler);
      throw error;
    }
    return () => this.remove(channel, handler);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.handlers.clear();
    const client = this.client ?? (await this.connecting?.catch(() => undefined));
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private async remove(channel: string, handler: NotificationHandler): Promise<void> {
    if (!this.forget(channel, handler)) return;
    // A failure means that the connection is lost, and a new one will not listen to this channel.
    await this.inTurn(async () => {
      // Somebody may have begun to listen to it again meanwhile.
      if (!this.handlers.has(channel)) await this.client?.query(`unlisten ${pg.escapeIdentifier(channel)}`);
    }).catch(() => undefined);
  }

  /** One statement at a time, as the connection wants it. */
  private inTurn(statement: () => Promise<unknown>): Promise<unknown> {
    const done = this.turn.then(statement);
    this.turn = done.catch(() => undefined);
    return done;
  }

  /** Returns whether nobody waits for the channel any more. */
  private forget(channel: string, handler: NotificationHandler): boolean {
    const handlers = this.handlers.get(channel);
    if (handlers?.delete(handler) !== true || handlers.size > 0) return false;
    return this.handlers.delete(channel);
  }

  private connected(): Promise<pg.Client> {
    if (this.client !== undefined) return Promise.resolve(this.client);
    this.connecting ??= this.connect().finally(() => {
      this.connecting = undefined;
    });
    return this.connecting;
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client(this.config);
    client.on('error', () => undefined);
    client.on('end', () => this.lost(client));
    client.on('notification', ({ channel, payload }) => this.deliver(channel, payload ?? ''));
    try {
      await client.connect();
      for (const channel of this.handlers.keys()) await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.client = client;
    this.failures = 0;
    return client;
  }

  private deliver(channel: string, payload: string): void {
    for (const handler of this.handlers.get(channel) ?? []) handler(payload);
  }

  private lost(client: pg.Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    this.reconnectLater();
  }

  private reconnectLater(): void {
    if (this.closed || this.handlers.size === 0) return;
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.failures);
    this.failures = Math.min(this.failures + 1, 10);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.connected().catch(() => this.reconnectLater());
    }, Math.random() * ceiling);
  }
}
