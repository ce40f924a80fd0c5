import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaBroker } from './kafka.broker.js';
import { kafkaEnvironment } from './kafka.environment.js';
import { KafkaUnavailableError, kafkaJars } from './kafka.jars.js';
import { liveBrokers } from './kafka.metadata.js';
import { freePorts } from './kafka.ports.js';
import type { BrokerPlace, ExtraProperties, KafkaUser } from './kafka.properties.js';

const READY_MS = 120_000;
const PORT_ATTEMPTS = 3;

export interface KafkaOptions {
  /** Default: 1. Three replicate every topic three times, of which two must have a message. */
  readonly brokers?: 1 | 3;
  /** Keeps the data (and the ports) over restarts. Default: a temporary directory that goes with `stop()`. */
  readonly dataDirectory?: string;
  /** True: the brokers outlive this process. Default: they end with it, however it ends. */
  readonly detached?: boolean;
  /** Settings of a broker over those that it has anyway, e.g. a further listener. */
  readonly properties?: ExtraProperties;
  /** Who may sign in by SCRAM, in both its forms; they are made with the cluster. */
  readonly scramUsers?: readonly KafkaUser[];
}

export interface Kafka {
  /** `host:port` of every broker, with commas between them. */
  readonly bootstrap: string;
  readonly brokers: readonly KafkaBroker[];
  /** Ends one broker, 0 to the last: in order, or like a power cut with `SIGKILL`. */
  stopBroker(index: number, signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again, same port and data, and waits until the cluster counts it in. */
  startBroker(index: number): Promise<void>;
  /** Stops all of them, and removes the data unless a directory was given. */
  stop(): Promise<void>;
}

/**
 * Why no broker can be started on this machine, in one sentence for `describe.skip`; undefined when one can. May fetch the
 * broker, once per machine.
 *
 * @throws KafkaUnavailableError instead, where `REQUIRE_KAFKA=1` is set.
 */
export function kafkaUnavailable(): string | undefined {
  const environment = kafkaEnvironment();
  try {
    kafkaJars(environment);
    return undefined;
  } catch (error) {
    if (!(error instanceof KafkaUnavailableError) || environment.required) throw error;
    return error.message;
  }
}

/** Starts Apache Kafka on free ports of 127.0.0.1 and waits until every broker counts all of them. */
export async function startKafka(options: KafkaOptions = {}): Promise<Kafka> {
  const jars = kafkaJars();
  for (let attempt = 1; ; attempt++) {
    const cluster = await prepare(options, jars);
    try {
      for (const broker of cluster.brokers) broker.start();
      await ready(cluster.brokers, cluster.brokers.length);
      return handle(cluster);
    } catch (error) {
      await discard(cluster);
      // Between choosing a free port and listening on it somebody else may have taken it.
      const taken = error instanceof Error && /Address already in use/.test(error.message);
      if (!taken || attempt === PORT_ATTEMPTS || options.dataDirectory !== undefined) throw error;
    }
  }
}

/** Stops the brokers that an earlier process left running in this directory. @returns how many ran. */
export async function stopKafka(dataDirectory: string): Promise<number> {
  const file = clusterFile(dataDirectory);
  if (!existsSync(file)) return 0;
  const running = brokersOf(readPlan(file), dataDirectory, '', { detached: true }).filter(
    ({ pid }) => pid !== undefined,
  );
  await Promise.all(running.map((broker) => broker.stop()));
  return running.length;
}

/** The brokers of this directory, running or not; undefined when there never were any. */
export function kafkaIn(dataDirectory: string): readonly KafkaBroker[] | undefined {
  const file = clusterFile(dataDirectory);
  return existsSync(file) ? brokersOf(readPlan(file), dataDirectory, '', { detached: true }) : undefined;
}

interface Plan {
  readonly clusterId: string;
  readonly ports: ReadonlyArray<readonly [broker: number, controller: number]>;
}

interface Cluster {
  readonly brokers: readonly KafkaBroker[];
  readonly directory: string;
  readonly temporary: boolean;
}

async function prepare(options: KafkaOptions, jars: string): Promise<Cluster> {
  const temporary = options.dataDirectory === undefined;
  const directory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'signalpress-kafka-'));
  const file = clusterFile(directory);
  const plan = existsSync(file) ? readPlan(file) : await newPlan(options.brokers ?? 1);
  if (options.brokers !== undefined && plan.ports.length !== options.brokers) {
    throw new Error(`${directory} holds a cluster of ${plan.ports.length} brokers, not ${options.brokers}`);
  }
  if (!existsSync(file)) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, JSON.stringify(plan));
  }
  return {
    brokers: brokersOf(plan, directory, jars, options),
    directory,
    temporary,
  };
}

async function newPlan(count: number): Promise<Plan> {
  const free = await freePorts(count * 2);
  const ports = Array.from({ length: count }, (_, index) => [free[index * 2] ?? 0, free[index * 2 + 1] ?? 0] as const);
  // The tool takes what begins with a hyphen for an option.
  return { clusterId: randomBytes(16).toString('base64url').replace(/^-/, 'A'), ports };
}

const clusterFile = (directory: string): string => join(directory, 'cluster.json');

const readPlan = (file: string): Plan => JSON.parse(readFileSync(file, 'utf8')) as Plan;

function brokersOf(
  plan: Plan,
  directory: string,
  jars: string,
  { detached = false, properties, scramUsers = [] }: KafkaOptions,
): KafkaBroker[] {
  const all: BrokerPlace[] = plan.ports.map(([port, controllerPort], index) => ({
    id: index + 1,
    port,
    controllerPort,
    dataDirectory: join(directory, `broker-${index + 1}`, 'data'),
  }));
  const { clusterId } = plan;
  return all.map(
    (place) => new KafkaBroker({ place, all, jars, clusterId, guarded: !detached, properties, scramUsers }),
  );
}

function handle(cluster: Cluster): Kafka {
  const { brokers } = cluster;
  const brokerAt = (index: number): KafkaBroker => {
    const broker = brokers[index];
    if (broker === undefined) throw new RangeError(`there is no broker ${index}: 0 to ${brokers.length - 1}`);
    return broker;
  };
  let stopping: Promise<void> | undefined;
  return {
    bootstrap: brokers.map(({ address }) => address).join(','),
    brokers,
    stopBroker: (index, signal) => brokerAt(index).stop(signal),
    startBroker: async (index) => {
      const broker = brokerAt(index);
      broker.start();
      const running = brokers.filter(({ pid }) => pid !== undefined).length;
      await ready([broker], Math.max(1, running));
    },
    stop: () => (stopping ??= discard(cluster)),
  };
}

/** Together and not one after the other: the last of three has no quorum left that could let it go in order. */
async function discard({ brokers, directory, temporary }: Cluster): Promise<void> {
  await Promise.all(brokers.map((broker) => broker.stop(temporary ? 'SIGKILL' : 'SIGTERM')));
  if (temporary) rmSync(directory, { recursive: true, force: true });
}

async function ready(brokers: readonly KafkaBroker[], count: number): Promise<void> {
  const deadline = performance.now() + READY_MS;
  for (const broker of brokers) {
    while ((await liveBrokers(broker.port).catch(() => 0)) < count) {
      const failure = brokers.map((one) => one.failure()).find((text) => text !== undefined);
      if (failure !== undefined) throw new Error(`Kafka ended while starting: ${failure}`);
      if (performance.now() > deadline)
        throw new Error(`Kafka is not ready after ${READY_MS / 1000} s; see ${broker.logFile}`);
      await sleep(100);
    }
  }
}
