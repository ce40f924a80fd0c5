import { mkdirSync } from 'node:fs';
import { serviceNames } from '@signalpress/contracts';
import type { IdeaTimeline, ServiceName } from '@signalpress/contracts';
import { leaseDatabase } from '../launcher/database.ts';
import type { LeasedDatabase } from '../launcher/database.ts';
import { LaunchError } from '../launcher/failure.ts';
import { loadKeys } from '../launcher/keys.ts';
import type { Keys } from '../launcher/keys.ts';
import { Platform } from '../launcher/platform.ts';
import { assertPortsFree } from '../launcher/service-process.ts';
import { loadFeeds } from './feeds.ts';
import type { StartOptions } from './options.ts';
import { Pipeline } from './pipeline.ts';
import { buildReport } from './report.ts';
import type { Report } from './report.ts';
import type { Step } from './screen.ts';
import { describeReport } from './summary.ts';
import { watchOutcomes } from './watch.ts';
import type { TakenIn } from './watch.ts';

/** More would scroll the addresses off the screen. */
const listingsShown = 25;

/** One `npm start`: what it holds, and how it is given back in order. */
export class Run {
  private readonly options: StartOptions;
  private readonly signal: AbortSignal;
  private database: LeasedDatabase | undefined;
  private platform: Platform | undefined;
  private keys: Keys | undefined;
  private taken: TakenIn[] = [];
  private ingestedAt = 0;
  report: Report | undefined;

  constructor(options: StartOptions, signal: AbortSignal) {
    this.options = options;
    this.signal = signal;
  }

  get newAdminKey(): string | undefined {
    return this.keys?.newAdminKey;
  }

  steps(): Step[] {
    return [
      { title: 'Database', run: () => this.guarded(() => this.startDatabase()) },
      { title: 'Services', run: (say) => this.guarded(() => this.startServices(say)) },
      { title: 'Feed', run: (say) => this.guarded(() => this.ingest(say)) },
      { title: 'Pipeline', run: (say) => this.guarded(() => this.watch(say)) },
    ];
  }

  /** How the ideas that this run listed came about, the slowest first. */
  async timelines(): Promise<IdeaTimeline[]> {
    const listed = this.report?.items.filter((item) => item.outcome === 'listed').map((item) => item.ideaId);
    const ideas = [...new Set(listed)].filter((ideaId) => ideaId !== null);
    const pipeline = new Pipeline(this.options.portOffset);
    const timelines = await Promise.all(ideas.slice(0, listingsShown).map((ideaId) => pipeline.timeline(ideaId)));
    return timelines.sort((a, b) => (b.publishLatencyMs ?? 0) - (a.publishLatencyMs ?? 0));
  }

  /** Resolves when a service ends although nobody stopped it. */
  async firstEnd(): Promise<LaunchError> {
    if (this.platform === undefined) return new LaunchError('no service was started');
    const ended = await this.platform.firstEnd();
    return new LaunchError(`${ended.name} ended by itself: ${ended.lastWords()}`);
  }

  async stop(): Promise<void> {
    await this.platform?.stop();
    await this.database?.release();
  }

  kill(): void {
    this.platform?.kill();
  }

  private async guarded(work: () => Promise<string>): Promise<string> {
    if (this.signal.aborted) throw new LaunchError('stopped');
    return work();
  }

  private async startDatabase(): Promise<string> {
    prepareDataDirectory(this.options.dataDirectory);
    await assertPortsFree(serviceNames, this.options.portOffset);
    this.keys = loadKeys(this.options.dataDirectory);
    this.database = await leaseDatabase(this.options.dataDirectory, 'npm start');
    return `PostgreSQL at ${new URL(this.database.url).host}`;
  }

  private async startServices(say: (text: string) => void): Promise<string> {
    const { database, keys } = this;
    if (database === undefined || keys === undefined) throw new LaunchError('the database was not started');
    const { dataDirectory, portOffset, asOf, logs } = this.options;
    this.platform = Platform.start(
      { dataDirectory, portOffset, databaseUrl: database.url, ...keys, ...(asOf === undefined ? {} : { asOf }) },
      logs ? printLogLine : undefined,
    );
    const ready = new Set<ServiceName>();
    await this.platform.ready(this.signal, (service) => {
      ready.add(service);
      say(`ready ${ready.size}/${serviceNames.length}: ${[...ready].join(', ')}`);
    });
    return `${ready.size} ready`;
  }

  private async ingest(say: (text: string) => void): Promise<string> {
    const pipeline = new Pipeline(this.options.portOffset);
    const now = this.options.asOf === undefined ? new Date() : new Date(this.options.asOf);
    this.ingestedAt = performance.now();
    for (const feed of await loadFeeds(this.options.feeds, now)) {
      this.taken.push({ label: feed.label, ingestion: await pipeline.ingest(feed.request) });
      say(`${feed.label} taken in`);
    }
    const items = this.taken.reduce((sum, { ingestion }) => sum + ingestion.totals.items, 0);
    const known = this.taken.reduce((sum, { ingestion }) => sum + ingestion.totals.duplicate, 0);
    return `${items} items, ${known} of them already known`;
  }

  private async watch(say: (text: string) => void): Promise<string> {
    const feeds = await watchOutcomes(new Pipeline(this.options.portOffset), this.taken, say, this.signal);
    this.report = buildReport(feeds, performance.now() - this.ingestedAt);
    return describeReport(this.report);
  }
}

function prepareDataDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new LaunchError(
      `the data directory ${directory} cannot be made: ${String((error as NodeJS.ErrnoException).code)}`,
    );
  }
}

function printLogLine(service: ServiceName, line: string): void {
  process.stderr.write(`${service.padEnd(22)} ${line}\n`);
}
