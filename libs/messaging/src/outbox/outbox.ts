import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { eventCatalog, schemaName } from '@signalpress/contracts';
import type { EventEnvelope, EventInput, EventType } from '@signalpress/contracts';
import { currentTraceContext, withSpan, semconv, NotTraced } from '@signalpress/observability';
import type { TraceContext } from '@signalpress/observability';
import { Database, sql } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import { messagesTotal } from '../consumer/consumer.metrics.js';
import { describeIssues } from '../consumer/event-reader.js';
import { InvalidEventError } from '../messaging.errors.js';
import { MessagingSettings } from '../messaging.options.js';
import { Signals } from '../messaging.signals.js';
import { TRANSPORT } from '../transport/transport.js';
import type { Transport } from '../transport/transport.js';

/** An event carries facts and hashes, never files. */
const LARGEST_ENVELOPE_BYTES = 262_144;
const LONGEST_KEY = 200;

export interface PublishOptions {
  /** Trace that the event belongs to; default: the active one. */
  readonly trace?: TraceContext;
}

/** The way events leave a service: a row in the transaction that also writes what they tell about. */
@Injectable()
@NotTraced()
export class Outbox {
  private readonly messages;
  private wakeRelay = (): void => undefined;

  constructor(
    private readonly db: Database,
    private readonly settings: MessagingSettings,
    @Inject(TRANSPORT) private readonly transport: Transport,
    signals: Signals,
  ) {
    this.messages = signals.metrics.counter(messagesTotal);
  }

  /** Calls `wake` after each transaction of this process that wrote events has committed. */
  onCommit(wake: () => void): void {
    this.wakeRelay = wake;
  }

  /**
   * Writes the event; it leaves after the transaction has committed, in order with the other events of its key.
   * @returns the event's id
   * @throws InvalidEventError that names the fields, if the data is not what the catalogue says
   */
  publish<T extends EventType, S>(
    tx: Transaction<S>,
    type: T,
    data: EventInput<T>,
    options: PublishOptions = {},
  ): Promise<string> {
    const id = randomUUID();
    return withSpan(
      `publish ${type}`,
      {
        ...this.transport.spanAttributes,
        [semconv.attributeNames.messagingDestinationName]: type,
        [semconv.attributeNames.messagingOperationName]: 'publish',
        [semconv.attributeNames.messagingOperationType]: 'send',
        [semconv.attributeNames.messagingMessageId]: id,
      },
      async () => {
        const envelope = this.seal(id, type, data, currentTraceContext() ?? options.trace);
        await this.write(tx, envelope);
        this.messages.inc({ topic: type, outcome: 'published' });
        return id;
      },
      { kind: SpanKind.PRODUCER, ...(options.trace === undefined ? {} : { parent: options.trace }) },
    );
  }

  private seal(id: string, type: EventType, input: unknown, trace: TraceContext | undefined): EventEnvelope {
    const definition = eventCatalog[type];
    const checked = definition.schema.safeParse(input);
    if (!checked.success) {
      throw new InvalidEventError(`${type} cannot be published: ${describeIssues(checked.error)}`, {
        cause: checked.error,
      });
    }
    const data: Readonly<Record<string, unknown>> = checked.data;
    const subject = data[definition.key];
    if (typeof subject !== 'string' || subject === '' || subject.length > LONGEST_KEY) {
      throw new InvalidEventError(
        `${type} cannot be published: its key ${definition.key} must have 1 to ${LONGEST_KEY} characters`,
      );
    }
    return {
      specversion: '1.0',
      id,
      type,
      source: `/signalpress/${this.settings.service}`,
      subject,
      time: this.settings.now().toISOString(),
      datacontenttype: 'application/json',
      dataschema: schemaName(type, definition.version),
      ...trace,
      data,
    };
  }

  private async write<S>(tx: Transaction<S>, envelope: EventEnvelope): Promise<void> {
    const text = JSON.stringify(envelope);
    const bytes = Buffer.byteLength(text);
    if (bytes > LARGEST_ENVELOPE_BYTES) {
      throw new InvalidEventError(
        `${envelope.type} cannot be published: ${bytes} bytes are more than ${LARGEST_ENVELOPE_BYTES}`,
      );
    }
    await sql`
      insert into outbox (event_id, type, key, envelope)
      values (${envelope.id}, ${envelope.type}, ${envelope.subject}, ${text}::json)`.execute(tx);
    // No NOTIFY: transactions that notify commit one after the other, each waiting for the disk alone.
    this.db.afterCommit(tx, this.wakeRelay);
  }
}
