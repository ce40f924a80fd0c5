import { SetMetadata } from '@nestjs/common';
import type { EventData, EventEnvelope, EventType } from '@signalpress/contracts';
import type { Transaction } from '@signalpress/persistence';

/** An event as a handler gets it: envelope and data are checked, defaults filled in. */
export type ReceivedEvent<T extends EventType> = EventEnvelope<EventData<T>>;

/** What happens to an event that can never be handled; named at each subscription, so that nobody drops one by default. */
export interface OnEventOptions {
  readonly onPoison: 'dead-letter';
}

export interface EventSubscription extends OnEventOptions {
  readonly type: EventType;
}

export const ON_EVENT = 'signalpress:on-event';

type EventHandlerDecorator<T extends EventType> = <S>(
  target: object,
  key: string | symbol,
  descriptor: { value?: (event: ReceivedEvent<T>, tx: Transaction<S>) => Promise<void> },
) => void;

/**
 * Makes a provider's method the handler of an event type. It runs in the transaction that also records the event in the
 * inbox, so its effect happens exactly once; it does database work only, and enqueues a job for anything slow. Several
 * handlers of one type run in that same transaction, all or none.
 */
export function OnEvent<T extends EventType>(type: T, options: OnEventOptions): EventHandlerDecorator<T> {
  const subscription: EventSubscription = { type, ...options };
  const mark = SetMetadata(ON_EVENT, subscription);
  return (target, key, descriptor) => mark(target, key, descriptor);
}
