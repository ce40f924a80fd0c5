import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { MessagingModule, OnEvent, Outbox, messagingMigrations } from '@signalpress/messaging';
import type { ReceivedEvent, TransportOptions } from '@signalpress/messaging';
import { Lifecycle, ObservabilityModule, configureTracing, nestInstrument } from '@signalpress/observability';
import { Database, PersistenceModule, sql } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import { EVENT_TYPE, POOL_MAX, SERVICE, observationOf } from '../work.ts';
import type { Setting } from '../work.ts';
import { serve } from './serve.ts';

/** A service as all of ours are, with its spans and metrics on and everything else by default. */
await serve(async (setting) => {
  const telemetry = configureTracing(SERVICE);
  const options: Pick<NestApplicationOptions, 'instrument' | 'logger'> = {
    instrument: nestInstrument(),
    logger: false,
  };
  const app = await NestFactory.create(moduleOf(setting), new FastifyAdapter(), options);
  await app.listen(0, '127.0.0.1');
  const lifecycle = app.get(Lifecycle);
  lifecycle.markReady();
  const database = app.get(Database);
  const outbox = app.get(Outbox);
  return {
    publish: async (number) => {
      const observation = observationOf(number);
      await database.transaction((tx) => outbox.publish(tx, EVENT_TYPE, observation));
    },
    close: async () => {
      await lifecycle.shutdown('finish');
      await app.close();
      await telemetry.shutdown(10_000);
    },
  };
});

/** Decorators by hand: Node runs this file without compiling it. */
function moduleOf(setting: Setting): new () => object {
  class Observer {
    async observed(event: ReceivedEvent<typeof EVENT_TYPE>, tx: Transaction<unknown>): Promise<void> {
      const { ideaId, views, observedAt } = event.data;
      await sql`
        insert into effects (event_id, idea_id, number, published_at)
        values (${event.id}, ${ideaId}, ${views}, ${observedAt})`.execute(tx);
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Observer.prototype, 'observed');
  OnEvent(EVENT_TYPE, { onPoison: 'dead-letter' })(Observer.prototype, 'observed', descriptor ?? {});
  Injectable()(Observer);

  class BenchModule {
    readonly service = SERVICE;
  }
  Module({
    imports: [
      ObservabilityModule.forRoot({ serviceName: SERVICE }),
      PersistenceModule.forRoot({
        databaseUrl: setting.databaseUrl,
        schema: SERVICE,
        applicationName: SERVICE,
        poolMax: POOL_MAX,
        migrations: messagingMigrations(),
      }),
      MessagingModule.forRoot({ service: SERVICE, transport: transportOf(setting) }),
    ],
    providers: setting.consumes ? [Observer] : [],
  })(BenchModule);
  return BenchModule;
}

function transportOf({ brokers, prefix, partitions }: Setting): TransportOptions {
  return process.env['EVENTS_TRANSPORT'] === 'kafka'
    ? { kind: 'kafka', brokers, topicPrefix: prefix, partitions, replicationFactor: 1 }
    : { kind: 'postgres' };
}
