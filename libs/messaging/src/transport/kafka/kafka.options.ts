import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

/** How to reach a Kafka cluster. Plain data: `eventTransport(env)` of service-defaults makes it. */
export interface KafkaOptions {
  readonly kind: 'kafka';
  /** `host:port` of some of its brokers. */
  readonly brokers: readonly string[];
  /** PEM texts; an empty object trusts the usual authorities. Absent: no encryption. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** Put before every topic and group, for several installations on one cluster. */
  readonly topicPrefix: string;
  /** What a topic is created with when it does not exist and its declaration does not say otherwise. */
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Opens a connection; for specs that cut it, and for proxies. Calls `onConnect` when it stands. */
  readonly openSocket?: (to: SocketTarget) => Socket;
}

/** Where a connection goes. */
export interface SocketTarget {
  readonly host: string;
  readonly port: number;
  readonly ssl?: ConnectionOptions;
  readonly onConnect: () => void;
}

/** The transport that a service was configured for. */
export type TransportOptions = { readonly kind: 'postgres' } | KafkaOptions;
