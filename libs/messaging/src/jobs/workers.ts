import { NotTraced } from '@signalpress/observability';
import { Injectable } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import { describeIssues } from '../consumer/event-reader.js';
import { InvalidJobError } from '../messaging.errors.js';
import { MessagingSettings } from '../messaging.options.js';
import { WORKER } from './worker.js';
import type { JobHandler, WorkerOptions } from './worker.js';

const DEFAULT_MAX_ATTEMPTS = 5;

export interface RegisteredWorker extends Required<Omit<WorkerOptions, 'everyMs'>> {
  readonly everyMs: number | undefined;
  readonly handler: JobHandler<unknown>;
}

/** The providers marked with `@Worker`, by job name. Ask after all providers exist. */
@Injectable()
@NotTraced()
export class Workers {
  private found: ReadonlyMap<string, RegisteredWorker> | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
    private readonly settings: MessagingSettings,
  ) {}

  /** @throws InvalidJobError if two workers have one name, or a recurring one does not take `{}` */
  get byName(): ReadonlyMap<string, RegisteredWorker> {
    this.found ??= this.discover();
    return this.found;
  }

  /** @throws InvalidJobError if nobody here does such jobs, or the payload is not what the worker takes */
  check(name: string, payload: unknown): void {
    const worker = this.byName.get(name);
    if (worker === undefined) throw new InvalidJobError(`No worker of this service does jobs named ${name}`);
    const { error } = worker.payload.safeParse(payload);
    if (error)
      throw new InvalidJobError(`The payload of a ${name} job is not valid: ${describeIssues(error)}`, {
        cause: error,
      });
  }

  private discover(): ReadonlyMap<string, RegisteredWorker> {
    const found = new Map<string, RegisteredWorker>();
    const handlers = new Set<object>();
    for (const wrapper of this.discovery.getProviders()) {
      const { instance, metatype } = wrapper as { instance: unknown; metatype: unknown };
      if (typeof metatype !== 'function' || !isJobHandler(instance) || handlers.has(instance)) continue;
      const options = this.reflector.get<WorkerOptions | undefined>(WORKER, instance.constructor as new () => unknown);
      if (options === undefined) continue;
      handlers.add(instance);
      if (found.has(options.name)) throw new InvalidJobError(`Two workers do jobs named ${options.name}`);
      found.set(options.name, register(options, instance, this.settings.tuning.jobLeaseMs));
    }
    return found;
  }
}

function register(options: WorkerOptions, handler: JobHandler<unknown>, jobLeaseMs: number): RegisteredWorker {
  const { everyMs, leaseMs = jobLeaseMs, maxAttempts = DEFAULT_MAX_ATTEMPTS } = options;
  if (everyMs !== undefined && !options.payload.safeParse({}).success) {
    throw new InvalidJobError(`The recurring worker ${options.name} must take the payload {}`);
  }
  return { ...options, everyMs, leaseMs, maxAttempts, handler };
}

function isJobHandler(instance: unknown): instance is JobHandler<unknown> {
  return typeof instance === 'object' && instance !== null && 'run' in instance && typeof instance.run === 'function';
}
