/** Where one broker of a cluster listens and keeps its data. */
export interface BrokerPlace {
  /** 1 to the number of brokers. */
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly dataDirectory: string;
}

const HOST = '127.0.0.1';

/** What a spec sets besides, for one broker. */
export type ExtraProperties = (broker: BrokerPlace) => Readonly<Record<string, string>>;

/** Somebody who signs in. */
export interface KafkaUser {
  readonly name: string;
  readonly password: string;
}

/** `server.properties` of one broker, which is a controller as well (KRaft, combined), on the loopback interface alone. */
export function serverProperties(
  broker: BrokerPlace,
  all: readonly BrokerPlace[],
  extra: ReturnType<ExtraProperties> = {},
): string {
  const replicas = Math.min(all.length, 3);
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': broker.id,
    'controller.quorum.voters': all.map(({ id, controllerPort }) => `${id}@${HOST}:${controllerPort}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${HOST}:${broker.port},CONTROLLER://${HOST}:${broker.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${HOST}:${broker.port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': broker.dataDirectory,
    'num.partitions': 1,
    'default.replication.factor': replicas,
    'min.insync.replicas': Math.max(1, replicas - 1),
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 3,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': Math.max(1, replicas - 1),
    'transaction.state.log.num.partitions': 3,
    // A group starts with its first member, and a broker that is gone is noticed in seconds: specs wait for both.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 500,
    'broker.session.timeout.ms': 4_000,
    'broker.heartbeat.interval.ms': 1_000,
    'controller.quorum.election.timeout.ms': 500,
    'controller.quorum.fetch.timeout.ms': 1_000,
    'replica.lag.time.max.ms': 5_000,
    // Threads and buffers for one machine with little memory.
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 8_388_608,
    'log.segment.bytes': 67_108_864,
    'auto.create.topics.enable': true,
    ...extra,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
