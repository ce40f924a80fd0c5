import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { outcomes, serviceNames } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
import { startOtlpSink } from '@signalpress/testing';
import type { OtlpSink } from '@signalpress/testing';
import { servicePort, serviceUrl } from '../launcher/environment.ts';
import { leaseDatabase } from '../launcher/database.ts';
import type { LeasedDatabase } from '../launcher/database.ts';
import { LaunchError } from '../launcher/failure.ts';
import { loadKeys } from '../launcher/keys.ts';
import { assertPortsFree } from '../launcher/service-process.ts';
import { Broker } from './broker.ts';
import type { Delivered, Facts } from './facts.ts';
import { Fleet } from './fleet.ts';
import { Items } from './items.ts';
import { Ledger } from './ledger.ts';
import { Load } from './load.ts';
import type { TransportName } from './options.ts';
import { Random } from './random.ts';
import { orphansOf, SpanLedger, workOf } from './spans.ts';
import type { Orphan } from './spans.ts';

export interface StageSettings {
  readonly transport: TransportName;
  readonly brokers: 1 | 3;
  readonly portOffset: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** For all services; goes over what the stage sets itself. */
  readonly environment: Readonly<Record<string, string>>;
  /** For one process, asked at each of its starts. */
  readonly perProcess?: (service: ServiceName, slot: number) => Readonly<Record<string, string>>;
  readonly slots: number;
  /** Port of an instance; default: the service's own. */
  readonly port?: (service: ServiceName, slot: number) => number;
  readonly loadEveryMs: number;
  readonly repeatRequests: boolean;
}

const readyWithinMs = 300_000;
/** Nothing has come closer to rest for so long: it never will. */
const stillDeadlineMs = 150_000;
const pollMs = 500;
/** Questions to monitoring at one time. */
const askedAtOnce = 8;

/** Compiled code that all drills of one run share. */
const scratch = mkdtempSync(path.join(tmpdir(), 'signalpress-drill-'));
chmodSync(scratch, 0o755);

/** Removes what all drills of this run have left. */
export function removeScratch(): void {
  rmSync(scratch, { recursive: true, force: true });
}

/** Database, broker, telemetry sink, services and load of one drill, on a data directory of their own. */
export class Stage {
  readonly directory = mkdtempSync(path.join(scratch, 'run-'));
  readonly random: Random;
  /** Events that were sent as poison, with each group that has to bury them. */
  readonly poison: Delivered[] = [];
  /** Ids of spans that the drill named as parents in events that it wrote itself. */
  readonly ownSpans = new Set<string>();
  readonly settings: StageSettings;
  private postgres: LeasedDatabase | undefined;
  private sink: OtlpSink | undefined;
  private spans: SpanLedger | undefined;
  private parts: { fleet: Fleet; ledger: Ledger; load: Load; databaseUrl: string; storefrontKey: string } | undefined;
  broker: Broker | undefined;

  constructor(settings: StageSettings) {
    this.settings = settings;
    this.random = new Random(settings.seed);
    chmodSync(this.directory, 0o755);
  }

  get fleet(): Fleet {
    return this.started.fleet;
  }

  get ledger(): Ledger {
    return this.started.ledger;
  }

  get load(): Load {
    return this.started.load;
  }

  get databaseUrl(): string {
    return this.started.databaseUrl;
  }

  get storefrontKey(): string {
    return this.started.storefrontKey;
  }

  get databaseDirectory(): string {
    return path.join(this.directory, 'postgres');
  }

  /** Address of the service, or of the balancer before it. */
  url(service: ServiceName): string {
    return serviceUrl(service, this.settings.portOffset);
  }

  private get started() {
    if (this.parts === undefined) throw new LaunchError('the stage was not set up');
    return this.parts;
  }

  /** Everything up and ready, and nothing sent yet. */
  async open(): Promise<void> {
    const { settings } = this;
    mkdirSync(path.join(scratch, 'compile-cache'), { recursive: true });
    if (settings.port === undefined) await assertPortsFree(serviceNames, settings.portOffset);
    const { newAdminKey = '', ...keys } = loadKeys(this.directory);
    if (process.env['DATABASE_URL']) throw new LaunchError('a drill has a database of its own: unset DATABASE_URL');
    this.postgres = await leaseDatabase(this.directory, 'drill');
    if (settings.transport === 'kafka') this.broker = await Broker.start(settings.brokers);
    this.sink = await startOtlpSink();
    this.spans = new SpanLedger(this.sink);
    const databaseUrl = this.postgres.url;
    const run = { dataDirectory: this.directory, portOffset: settings.portOffset, databaseUrl, ...keys };
    const fleet = new Fleet({
      run,
      environment: (service, slot) => ({ ...this.common(), ...settings.perProcess?.(service, slot) }),
      port: settings.port ?? ((service) => servicePort(service, settings.portOffset)),
    });
    const load = new Load({
      url: this.url('api-gateway'),
      adminKey: newAdminKey,
      items: new Items(this.random),
      everyMs: settings.loadEveryMs,
      repeat: settings.repeatRequests,
    });
    this.parts = { fleet, ledger: new Ledger(databaseUrl), load, databaseUrl, storefrontKey: keys.storefrontApiKey };
    for (let slot = 0; slot < settings.slots; slot++) for (const service of serviceNames) fleet.start(service, slot);
    await fleet.settled(settings.signal, readyWithinMs);
    this.checkStop();
    await this.ledger.open();
  }

  private common(): Record<string, string> {
    return {
      ...(this.broker?.environment ?? {}),
      NODE_COMPILE_CACHE: path.join(scratch, 'compile-cache'),
      OTEL_EXPORTER_OTLP_ENDPOINT: this.sink?.httpUrl ?? '',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      LOG_LEVEL: 'info',
      DAILY_LISTING_BUDGET: '100000',
      RATE_LIMIT_KEY_PER_MINUTE: '100000',
      ...this.settings.environment,
    };
  }

  /** @throws LaunchError once somebody asked for the end */
  checkStop(): void {
    if (this.settings.signal.aborted) throw new LaunchError('stopped');
  }

  /** Waits, or ends early when somebody asks for the end. */
  async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.settings.signal }).catch(() => undefined);
    this.checkStop();
  }

  /** Waits until the condition holds. @throws LaunchError saying what it waited for when that takes too long */
  async until(what: string, withinMs: number, condition: () => Promise<boolean> | boolean): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new LaunchError(`${what}: not within ${withinMs / 1_000} s`);
      await this.pause(pollMs);
    }
  }

  /** Ends the load and waits until nothing is under way any more. @returns what never came to rest */
  async settle(): Promise<string[]> {
    await this.load.stop();
    await this.fleet.settled(this.settings.signal, readyWithinMs);
    let last = '';
    let movedAt = performance.now();
    for (let quiet = 0; quiet < 2;) {
      const unrest = await this.ledger.unrest();
      const text = unrest.join(', ');
      if (text !== last) movedAt = performance.now();
      last = text;
      quiet = text === '' ? quiet + 1 : 0;
      if (performance.now() - movedAt > stillDeadlineMs) return unrest;
      await this.pause(pollMs);
    }
    return [];
  }

  /** What monitoring answers about every signal that there is. */
  async outcomes(): Promise<Facts['outcomes'][number][]> {
    const rows: Facts['outcomes'][number][] = [];
    const ids = await this.ledger.ingestionIds();
    for (let from = 0; from < ids.length; from += askedAtOnce) {
      const answers = ids.slice(from, from + askedAtOnce).map(async (id) => {
        const response = await fetch(`${this.url('monitoring')}/outcomes?ingestionId=${id}`, {
          signal: AbortSignal.timeout(30_000),
        });
        return outcomes.parse(await response.json()).items;
      });
      rows.push(...(await Promise.all(answers)).flat());
    }
    return rows;
  }

  /** Stops the services in order, then reads what they have left. */
  async facts(answered: Facts['outcomes']): Promise<Facts> {
    await this.fleet.close();
    const stored = await this.ledger.facts(this.settings.transport);
    const emitted = new Map(stored.emitted.map((event) => [event.id, event]));
    const jobs = await this.ledger.enqueued();
    const records = this.spans?.close() ?? [];
    this.spans = undefined;
    const orphans: Orphan[] = orphansOf(records, {
      instances: this.fleet.instances,
      emitted,
      jobs,
      own: this.ownSpans,
    });
    return {
      ...stored,
      acknowledged: this.load.acknowledged,
      outcomes: answered,
      poison: this.poison,
      unexpectedEnds: this.fleet.unexpected,
      stuckInExit: this.fleet.instances.filter(({ ending }) => ending === 'stuck').map(({ id }) => id),
      orphans,
      work: workOf(records),
    };
  }

  /** Gives everything back, whatever has happened. */
  async close(keep: boolean): Promise<void> {
    this.parts?.load.abandon();
    await this.parts?.load.stop();
    await this.parts?.fleet.close();
    await this.parts?.ledger.close();
    this.spans?.close();
    await this.sink?.close();
    await this.broker?.stop();
    await this.postgres?.release();
    if (!keep) rmSync(this.directory, { recursive: true, force: true });
  }
}
