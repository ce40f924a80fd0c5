import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '@signalpress/contracts';
import type { RunSettings } from '../launcher/environment.ts';
import { LaunchError } from '../launcher/failure.ts';
import { ServiceProcess } from '../launcher/service-process.ts';

/** One process of a service, from its start to its end. Times are milliseconds since 1970. */
export interface Instance {
  /** `service.instance.id` of everything that it tells. */
  readonly id: string;
  readonly service: ServiceName;
  /** Which of the instances that stand side by side it is. */
  readonly slot: number;
  readonly startedAt: number;
  endedAt?: number;
  /**
   * `killed`: by SIGKILL, from outside or at a failpoint. `stopped`: in order, as asked. `stuck`: the same, but Node did not end the
   * process, which was killed in the end.
   */
  ending?: 'killed' | 'stopped' | 'stuck';
  /** At which it killed itself. */
  failpoint?: string;
  /** It said that its shutdown is complete: all that is left is for Node to end the process. */
  complete?: boolean;
  /** What its last log line about telemetry said: spans that were to be sent, and that the collector accepted. */
  spans?: { readonly sampled: number; readonly exported: number };
}

export interface FleetOptions {
  readonly run: RunSettings;
  /** Asked at every start; what it answers goes over everything else. */
  readonly environment: (service: ServiceName, slot: number) => Readonly<Record<string, string>>;
  readonly port?: (service: ServiceName, slot: number) => number;
}

interface Running {
  readonly instance: Instance;
  readonly process: ServiceProcess;
  stopping: boolean;
}

/** A service that ends by itself again and again is not started a further time. */
const mostUnexpected = 5;
const refusedWithinMs = 60_000;

/** The processes of the services: whatever dies is started again at once, and every life is on record. */
export class Fleet {
  readonly instances: Instance[] = [];
  /** Ends that nobody asked for, with the last that the process said. */
  readonly unexpected: string[] = [];
  /** Called with each failpoint at which a process killed itself. */
  onFailpoint: ((name: string, service: ServiceName) => void) | undefined;
  private readonly options: FleetOptions;
  private readonly running = new Map<string, Running>();
  private readonly lives = new Map<string, number>();
  private readonly watching = new Set<Promise<void>>();
  private closing = false;

  constructor(options: FleetOptions) {
    this.options = options;
  }

  start(service: ServiceName, slot = 0): void {
    const { run, environment, port } = this.options;
    const place = placeOf(service, slot);
    const life = (this.lives.get(place) ?? 0) + 1;
    this.lives.set(place, life);
    const instance: Instance = { id: `${place}-${life}`, service, slot, startedAt: Date.now() };
    const process = ServiceProcess.start(service, run, {
      label: place,
      appendLog: true,
      onLogLine: (_, line) => this.heard(instance, line),
      environment: {
        ...environment(service, slot),
        OTEL_RESOURCE_ATTRIBUTES: `service.instance.id=${instance.id}`,
      },
      ...(port === undefined ? {} : { port: port(service, slot) }),
    });
    const running: Running = { instance, process, stopping: false };
    this.instances.push(instance);
    this.running.set(place, running);
    const watch = this.watch(place, running).finally(() => this.watching.delete(watch));
    this.watching.add(watch);
  }

  /**
   * A process beside the others that is expected not to come up: it is on no record.
   * @returns what it said before it ended
   * @throws LaunchError when it does not end by itself with an error
   */
  async refused(service: ServiceName, environment: Readonly<Record<string, string>>, port: number): Promise<string> {
    const process = ServiceProcess.start(service, this.options.run, {
      label: `${service}.refused`,
      environment: { ...this.options.environment(service, 0), ...environment, OTEL_EXPORTER_OTLP_ENDPOINT: '' },
      port,
    });
    const late = sleep(refusedWithinMs, undefined, { ref: false });
    const ending = await Promise.race([process.ending(), late]);
    if (ending === undefined) await process.stop();
    if (ending === undefined || ending.code === 0 || ending.code === null) {
      throw new LaunchError(`${service} was to refuse its start, and has not: ${process.lastWords()}`);
    }
    return process.lastWords();
  }

  /** Waits until what runs in these places now is ready. @throws LaunchError when one ends first or takes too long */
  async ready(signal: AbortSignal, service?: ServiceName, slot?: number): Promise<void> {
    const wanted = [...this.running.values()].filter(
      ({ instance }) =>
        (service === undefined || instance.service === service) && (slot === undefined || instance.slot === slot),
    );
    await Promise.all(wanted.map(({ process }) => process.ready(signal)));
  }

  /**
   * Waits until all are ready, also those that die meanwhile and are started again.
   * @throws LaunchError when that takes too long, or when one ended by itself so often that nobody starts it any more
   */
  async settled(signal: AbortSignal, withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      if (this.gaveUp) throw new LaunchError(`services end by themselves: ${this.unexpected.at(-1) ?? ''}`);
      const before = this.instances.length;
      const failure = await this.ready(signal).then(
        () => undefined,
        (error: unknown) => String(error),
      );
      if (failure === undefined && before === this.instances.length) return;
      if (signal.aborted) return;
      if (performance.now() > deadline)
        throw new LaunchError(`the services do not come to rest: ${failure ?? 'they die'}`);
      await sleep(100);
    }
  }

  /** Like a power cut. It is started again at once. @returns false when nothing runs there at the moment */
  kill(service: ServiceName, slot = 0): boolean {
    const running = this.running.get(placeOf(service, slot));
    if (running === undefined || !running.process.running) return false;
    running.process.kill();
    return true;
  }

  /** Asks for an orderly end, waits for it, and starts nothing in its place. */
  async stop(service: ServiceName, slot = 0): Promise<void> {
    const running = this.running.get(placeOf(service, slot));
    if (running === undefined) return;
    running.stopping = true;
    await running.process.stop();
    await running.process.ending();
  }

  /** Everything in order, the doors first, so that nothing new comes in while the rest drains. */
  async close(): Promise<void> {
    this.closing = true;
    const all = [...this.running.values()].map(({ instance }) => instance);
    const doors = all.filter(({ service }) => service === 'api-gateway' || service === 'signal-ingestion');
    for (const group of [doors, all.filter((instance) => !doors.includes(instance))]) {
      await Promise.all(group.map(({ service, slot }) => this.stop(service, slot)));
    }
    await Promise.all(this.watching);
  }

  /** What is not started again is missing from what runs, and must not be taken for ready. */
  private get gaveUp(): boolean {
    return this.unexpected.length > mostUnexpected;
  }

  private async watch(place: string, running: Running): Promise<void> {
    const { instance, process } = running;
    const { code, signal } = await process.ending();
    instance.endedAt = Date.now();
    this.running.delete(place);
    const killed = signal === 'SIGKILL';
    // Asked to stop before there is anything to stop, it ends as any process does.
    const atOnce = signal === 'SIGTERM' || code === 128 + constants.signals.SIGTERM;
    // Node itself may wait for ever in its own exit (nodejs/node#54918); where something of ours waits, a timer ends it with 1.
    const stuck = killed && running.stopping && instance.complete === true;
    instance.ending = code === 0 && running.stopping ? 'stopped' : 'killed';
    if (stuck) instance.ending = 'stuck';
    const inOrder = code === 0 || atOnce || stuck || instance.failpoint !== undefined;
    const expected = running.stopping ? inOrder : killed;
    if (!expected) {
      const how = signal ?? `exit code ${code ?? 'none'}`;
      this.unexpected.push(`${instance.id} ended by itself with ${how}: ${process.lastWords().slice(-1_000)}`);
    }
    if (running.stopping || this.closing || this.gaveUp) return;
    this.start(instance.service, instance.slot);
  }

  private heard(instance: Instance, line: string): void {
    const failpoint = /^failpoint ([a-z.-]+):/.exec(line)?.[1];
    if (failpoint !== undefined) {
      instance.failpoint = failpoint;
      this.onFailpoint?.(failpoint, instance.service);
    }
    if (line.includes('"shutdown is complete"')) instance.complete = true;
    if (!line.includes('"telemetry is flushed"')) return;
    const { spans_sampled: sampled, spans_exported: exported } = JSON.parse(line) as Record<string, unknown>;
    instance.spans = { sampled: Number(sampled), exported: Number(exported) };
  }
}

const placeOf = (service: ServiceName, slot: number): string => (slot === 0 ? service : `${service}.${slot}`);
