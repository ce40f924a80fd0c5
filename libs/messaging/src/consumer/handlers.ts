import { NotTraced } from '@signalpress/observability';
import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { EventEnvelope, EventType } from '@signalpress/contracts';
import type { Transaction } from '@signalpress/persistence';
import { ON_EVENT } from './on-event.js';
import type { EventSubscription } from './on-event.js';

export type Handler = (event: EventEnvelope, tx: Transaction<unknown>) => Promise<void>;

/** The methods marked with `@OnEvent`, by event type. Ask after all providers exist. */
@Injectable()
@NotTraced()
export class Handlers {
  private found: ReadonlyMap<EventType, readonly Handler[]> | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  get byType(): ReadonlyMap<EventType, readonly Handler[]> {
    this.found ??= this.discover();
    return this.found;
  }

  private discover(): ReadonlyMap<EventType, readonly Handler[]> {
    const found = new Map<EventType, Handler[]>();
    for (const instance of this.instances()) {
      for (const name of this.scanner.getAllMethodNames(Object.getPrototypeOf(instance) as object)) {
        const method = (instance as Record<string, unknown>)[name];
        if (!isHandler(method)) continue;
        const subscription = this.reflector.get<EventSubscription | undefined>(ON_EVENT, method);
        if (subscription === undefined) continue;
        const handlers = found.get(subscription.type) ?? [];
        handlers.push((event, tx) => method.call(instance, event, tx));
        found.set(subscription.type, handlers);
      }
    }
    return found;
  }

  /** One per object: a provider that goes by several tokens is one subscriber. */
  private instances(): Set<object> {
    const instances = new Set<object>();
    for (const wrapper of this.discovery.getProviders()) {
      if (!wrapper.isDependencyTreeStatic() || wrapper.isNotMetatype) continue;
      const instance: unknown = wrapper.instance;
      if (typeof instance === 'object' && instance !== null) instances.add(instance);
    }
    return instances;
  }
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}
