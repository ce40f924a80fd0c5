import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Param,
  ParseIntPipe,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type {
  CallHandler,
  CanActivate,
  DynamicModule,
  INestApplication,
  NestInterceptor,
  OnModuleInit,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestApplicationOptions } from '@nestjs/common';
import {
  ClientKafka,
  ClientsModule,
  Ctx,
  EventPattern,
  KafkaContext,
  KafkaRetriableException,
  MessagePattern,
  Payload,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import type { KafkaOptions } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { collectLogs } from '@signalpress/testing';
import type { LogCollection } from '@signalpress/testing';
import { firstValueFrom, of } from 'rxjs';
import type { Observable } from 'rxjs';
import { Logger, ObservabilityModule, currentTraceId, nestInstrument } from '../../src/index.js';
import { connectTraced, tracedKafkaClient } from '../../src/microservices/index.js';
import type { TraceMicroserviceOptions } from '../../src/microservices/index.js';

interface Order {
  readonly id: string;
}

/** What a handler saw of each message: its trace and the headers it came with. */
export interface Seen {
  readonly id: string;
  readonly traceId: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
}

@Controller()
export class ShopController implements OnModuleInit {
  constructor(@Inject('ORDERS') private readonly orders: ClientKafka) {}

  onModuleInit(): void {
    this.orders.subscribeToResponseOf('prices');
  }

  @Get('emit/:id')
  async emit(@Param('id') id: string): Promise<void> {
    await firstValueFrom(this.orders.emit('orders', { id }), { defaultValue: undefined });
  }

  @Get('batch/:count')
  async batch(@Param('count', ParseIntPipe) count: number): Promise<void> {
    const messages = Array.from({ length: count }, (_, index) => ({
      key: String(index),
      value: { id: `batch-${index}` },
    }));
    await firstValueFrom(this.orders.emitBatch('orders', { messages }), { defaultValue: undefined });
  }

  @Get('ask/:id')
  ask(@Param('id') id: string): Observable<unknown> {
    return this.orders.send('prices', { id });
  }
}

@Injectable()
export class Pricing {
  async priceOf(id: string): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (id === 'unpriced') throw new Error('no price list');
    return id.length;
  }
}

@Injectable()
export class OrderGuard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

@Injectable()
export class OrderInterceptor implements NestInterceptor {
  intercept(_context: unknown, next: CallHandler): Observable<unknown> {
    return next.handle();
  }
}

@Controller()
@UseGuards(OrderGuard)
@UseInterceptors(OrderInterceptor)
export class OrdersConsumer {
  readonly seen: Seen[] = [];
  private readonly attempts = new Map<string, number>();

  constructor(
    private readonly pricing: Pricing,
    private readonly logger: Logger,
  ) {}

  @EventPattern('orders')
  async onOrder(@Payload() order: Order, @Ctx() context: unknown): Promise<void> {
    if (!(context instanceof KafkaContext)) throw new TypeError('no Kafka context');
    const attempt = (this.attempts.get(order.id) ?? 0) + 1;
    this.attempts.set(order.id, attempt);
    this.logger.log('order received', { id: order.id });
    this.seen.push({ id: order.id, traceId: currentTraceId(), headers: context.getMessage().headers ?? {} });
    await this.pricing.priceOf(order.id);
    if (attempt > 1) return;
    if (order.id === 'broken') throw new Error('the shelf is broken');
    if (order.id === 'later') throw new KafkaRetriableException('the shelf is locked');
  }

  @MessagePattern('prices')
  async onPrice(@Payload() order: Order): Promise<Observable<number>> {
    if (order.id === 'refused') throw new RpcException('not for sale');
    return of(await this.pricing.priceOf(order.id));
  }
}

export interface MessageApp {
  readonly app: INestApplication;
  readonly url: string;
  readonly logs: LogCollection;
}

@Module({})
class MessageSpecModule {}

async function create(
  module: Omit<DynamicModule, 'module'>,
  sentryDsn?: string,
): Promise<[INestApplication, LogCollection]> {
  const logs = collectLogs();
  const options = {
    serviceName: 'messages',
    logDestination: logs.stream,
    ...(sentryDsn === undefined ? {} : { sentryDsn }),
  };
  const imports = [ObservabilityModule.forRoot(options), ...(module.imports ?? [])];
  const settings: Omit<NestApplicationOptions, never> = {
    instrument: nestInstrument(),
    bufferLogs: true,
    forceCloseConnections: true,
  };
  const root = { ...module, module: MessageSpecModule, imports };
  const app = await NestFactory.create(root, new FastifyAdapter(), settings);
  app.useLogger(app.get(Logger));
  return [app, logs];
}

const quick = { maxWaitTimeInMs: 50, retry: { retries: 20, initialRetryTime: 50, maxRetryTime: 500 } };

/** The application that sends. */
export async function startShop(brokers: string[]): Promise<MessageApp> {
  const client = tracedKafkaClient({
    client: { brokers, clientId: 'shop' },
    consumer: { groupId: 'shop', ...quick },
    producer: { allowAutoTopicCreation: false },
  });
  const imports = [ClientsModule.register([{ name: 'ORDERS', ...client }])];
  const [app, logs] = await create({ imports, controllers: [ShopController] });
  await app.listen(0, '127.0.0.1');
  return { app, logs, url: await app.getUrl() };
}

/** The application that receives. */
export async function startWarehouse(
  brokers: string[],
  sentryDsn: string,
  options?: TraceMicroserviceOptions,
): Promise<MessageApp> {
  const [app, logs] = await create({ controllers: [OrdersConsumer], providers: [Pricing] }, sentryDsn);
  const kafka: KafkaOptions = {
    transport: Transport.KAFKA,
    options: {
      client: { brokers, clientId: 'warehouse' },
      consumer: { groupId: options?.relation ?? 'warehouse', ...quick },
      subscribe: { fromBeginning: true },
    },
  };
  connectTraced(app, kafka, options);
  await app.startAllMicroservices();
  await app.init();
  return { app, logs, url: '' };
}
