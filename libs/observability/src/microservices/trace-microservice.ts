import type { INestApplication, INestMicroservice } from '@nestjs/common';
import { NestMicroservice, Server } from '@nestjs/microservices';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { ErrorReporter } from '../errors/error-reporter.js';
import { MessageErrorFilter } from './message-error.filter.js';
import type { FailedMessage } from './message-error.filter.js';
import { MessageProcessing } from './message-processing.js';
import type { MessageRelation } from './message-processing.js';
import { receivedMessage } from './received-message.js';

export interface TraceMicroserviceOptions {
  /**
   * `child` (the default): the work on a message is a part of the trace that sent it. `link`: it is a trace of its own that points
   * at the sender's, for queues in which messages wait for long.
   */
  readonly relation?: MessageRelation;
}

/** Options of the connection (Nest's own) and of its spans. */
export interface ConnectTracedOptions extends TraceMicroserviceOptions {
  /** As Nest has it: the application's global enhancers hold for messages, too. Default: false. */
  readonly inheritAppConfig?: boolean;
}

/**
 * `app.connectMicroservice(options)`, with a span `process <destination>` for each message that it handles, whatever the transport
 * (not gRPC), below the span that sent it where the message carries its context. Guards, interceptors, pipes and the handler run
 * inside of it. Errors are on the span and go to the ErrorReporter of the application.
 *
 *     connectTraced(app, { transport: Transport.KAFKA, options: { client: { brokers } } });
 *     await app.startAllMicroservices();
 */
export function connectTraced(
  app: INestApplication,
  options: MicroserviceOptions,
  settings: ConnectTracedOptions = {},
): INestMicroservice {
  const { inheritAppConfig = false } = settings;
  // Deferred, because a filter counts only for handlers that are registered after it.
  const microservice = app.connectMicroservice<MicroserviceOptions>(options, {
    inheritAppConfig,
    deferInitialization: true,
  });
  if (!(microservice instanceof NestMicroservice)) return microservice;
  trace(microservice, settings, !inheritAppConfig);
  // What Nest does where nothing is deferred; the hooks of the modules remain the application's business.
  microservice.registerListeners();
  microservice.setIsInitialized(true);
  microservice.setIsInitHookCalled(true);
  return microservice;
}

/**
 * The same for an application that is nothing but a microservice. Call it before `listen()`.
 *
 *     traceMicroservice(await NestFactory.createMicroservice(AppModule, { transport: Transport.KAFKA, options }));
 *
 * @returns the same microservice
 */
export function traceMicroservice<T extends INestMicroservice>(
  microservice: T,
  options: TraceMicroserviceOptions = {},
): T {
  if (microservice instanceof NestMicroservice) trace(microservice, options, true);
  return microservice;
}

/** @param withFilter false where filters are the whole application's: this one has no answer for HTTP */
function trace(microservice: NestMicroservice, options: TraceMicroserviceOptions, withFilter: boolean): void {
  const server: unknown = microservice.getTransportServer();
  // A strategy that is none of Nest's own has no hooks.
  if (!(server instanceof Server)) return;
  const hooked = server as Server;
  const group: unknown = Reflect.get(server, 'groupId');
  const consumerGroup = typeof group === 'string' ? group : undefined;
  const processing = new WeakMap<object, MessageProcessing>();
  const start = (_transport: unknown, rpcContext: unknown, done: () => Promise<unknown>): unknown => {
    const message = isObject(rpcContext) ? receivedMessage(rpcContext) : undefined;
    if (message === undefined || !isObject(rpcContext)) return done();
    const work = new MessageProcessing(message, options.relation ?? 'child', consumerGroup);
    processing.set(rpcContext, work);
    return processed(work, done);
  };
  server.setOnProcessingStartHook(start);
  server.setOnProcessingEndHook((_transport, rpcContext) => {
    if (isObject(rpcContext)) processing.get(rpcContext)?.settle();
  });
  if (!withFilter) return;
  const failedMessage = (rpcContext: unknown): FailedMessage | undefined => {
    const work = isObject(rpcContext) ? processing.get(rpcContext) : undefined;
    return work && { processing: work, unheard: isUnheard(hooked, work.message.destination) };
  };
  microservice.useGlobalFilters(new MessageErrorFilter(failedMessage, reporterOf(microservice)));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The transport waits for this promise and must learn of a failure as before. */
async function processed(work: MessageProcessing, done: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work.run(done);
  } catch (error) {
    work.fail(error);
    throw error;
  } finally {
    work.settle();
  }
}

function isUnheard(server: Server, pattern: string): boolean {
  // Nest before 12 has no such property, and writes no such line.
  const tellsClient: unknown = Reflect.get(server, 'propagatesEventHandlerErrors');
  return tellsClient === false && server.getHandlerByPattern(pattern)?.isEventHandler === true;
}

/** Undefined in an application without the ObservabilityModule: then Nest's own log line is all there is. */
function reporterOf(microservice: INestMicroservice): ErrorReporter | undefined {
  try {
    return microservice.get(ErrorReporter, { strict: false });
  } catch {
    return undefined;
  }
}
