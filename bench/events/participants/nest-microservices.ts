import 'reflect-metadata';
import { Controller, Inject, Module } from '@nestjs/common';
import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientKafka, EventPattern, Payload, Transport } from '@nestjs/microservices';
import type { KafkaOptions } from '@nestjs/microservices';
import type { EventEnvelope } from '@signalpress/contracts';
import { lastValueFrom } from 'rxjs';
import { EVENT_TYPE, SERVICE } from '../work.ts';
import type { Observation, Setting } from '../work.ts';
import { PlainDatabase } from './plain-database.ts';
import { serve } from './serve.ts';

/** The Kafka transport of `@nestjs/microservices`, with the same database work as the hand-written loop. */
await serve(async (setting) => {
  const topic = `${setting.prefix}${EVENT_TYPE}`;
  const database = new PlainDatabase(setting.databaseUrl);
  const options = kafkaOptions(setting);
  const microservice: KafkaOptions & Pick<NestApplicationOptions, 'logger'> = {
    transport: Transport.KAFKA,
    options,
    logger: ['error'],
  };
  const app = await NestFactory.createMicroservice(moduleOf(topic, database, setting.consumes), microservice);
  const client = new ClientKafka({ ...options, producerOnlyMode: true });
  await client.connect();
  await app.listen();
  // One request for all rows: as good as it can be had.
  database.startRelay(async (rows) => {
    await lastValueFrom(
      client.emitBatch(topic, { messages: rows.map(({ key, envelope }) => ({ key, value: envelope })) }),
    );
  });
  return {
    publish: (number) => database.publish(number),
    close: async () => {
      await app.close();
      await database.close();
      await client.close();
    },
  };
});

type NestKafkaOptions = NonNullable<KafkaOptions['options']>;

function kafkaOptions({ brokers, prefix, partitions }: Setting): NestKafkaOptions {
  return {
    // Its default is to append `-server` and `-client` to both names.
    postfixId: '',
    client: { clientId: SERVICE, brokers: [...brokers] },
    consumer: { groupId: `${prefix}${SERVICE}` },
    subscribe: { fromBeginning: true },
    run: { partitionsConsumedConcurrently: partitions },
    producer: { idempotent: true, maxInFlightRequests: 1 },
    send: { acks: -1 },
  };
}

/** Decorators by hand: Node runs this file without compiling it. */
function moduleOf(topic: string, database: PlainDatabase, consumes: boolean): new () => object {
  class Observer {
    private readonly database: PlainDatabase;

    constructor(injected: PlainDatabase) {
      this.database = injected;
    }

    observed(event: EventEnvelope<Observation>): Promise<void> {
      return this.database.handle(event);
    }
  }
  Controller()(Observer);
  Inject(PlainDatabase)(Observer, undefined, 0);
  const descriptor = Object.getOwnPropertyDescriptor(Observer.prototype, 'observed');
  if (descriptor !== undefined) EventPattern(topic)(Observer.prototype, 'observed', descriptor);
  Payload()(Observer.prototype, 'observed', 0);

  class ObserverModule {
    readonly topic = topic;
  }
  Module({
    controllers: consumes ? [Observer] : [],
    providers: [{ provide: PlainDatabase, useValue: database }],
  })(ObserverModule);
  return ObserverModule;
}
