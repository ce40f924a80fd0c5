import { randomUUID } from 'node:crypto';
import { schemaName } from '@signalpress/contracts';
import type { EventEnvelope } from '@signalpress/contracts';

export const EVENT_TYPE = 'listings.observed';
/** The schema, the source of the events, and the consumer group. */
export const SERVICE = 'bench';
/** Connections of every participant: the default of libs/persistence. */
export const POOL_MAX = 6;
/** Rows that a relay takes at once: the default of libs/messaging. */
export const RELAY_BATCH = 500;
/** Events that may share a transaction: the default of libs/messaging. */
export const CONSUMER_BATCH = 50;
/** Keys of the events: enough for four partitions to have an even share. */
export const KEYS = 64;
/** Publishers at once. It divides `KEYS`, so that a key is one publisher's and the order of its events is that of their numbers. */
export const PUBLISHERS = 8;

/** What a participant is told when it starts. */
export interface Setting {
  readonly databaseUrl: string;
  /** `host:port` of the brokers; empty for a participant without Kafka. */
  readonly brokers: readonly string[];
  /** Put before topic and group. */
  readonly prefix: string;
  readonly partitions: number;
  /** False: it does not join the group, and only moves events from the outbox to the transport. */
  readonly consumes: boolean;
}

/** Events `first` to `first + count - 1`. */
export interface PublishPlan {
  readonly first: number;
  readonly count: number;
  /** Evenly in time; default: as fast as they are taken. */
  readonly perSecond?: number;
}

export interface Observation {
  readonly ideaId: string;
  readonly marketplace: 'storefront';
  readonly listingId: string;
  readonly views: number;
  readonly favourites: number;
  readonly sales: number;
  readonly observedAt: string;
}

export const keyOf = (number: number): string =>
  `00000000-0000-4000-8000-${(number % KEYS).toString(16).padStart(12, '0')}`;

/** Event number `number`, `views` is its number and `observedAt` the moment at which its publisher began. */
export function observationOf(number: number): Observation {
  return {
    ideaId: keyOf(number),
    marketplace: 'storefront',
    listingId: `listing-${number}`,
    views: number,
    favourites: 0,
    sales: 0,
    observedAt: new Date().toISOString(),
  };
}

/** As libs/messaging writes it, by hand. */
export function envelopeOf(number: number): EventEnvelope<Observation> {
  const data = observationOf(number);
  return {
    specversion: '1.0',
    id: randomUUID(),
    type: EVENT_TYPE,
    source: `/signalpress/${SERVICE}`,
    subject: data.ideaId,
    time: data.observedAt,
    datacontenttype: 'application/json',
    dataschema: schemaName(EVENT_TYPE, '1.0'),
    data,
  };
}
