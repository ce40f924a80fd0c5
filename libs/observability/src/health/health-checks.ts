import { Injectable } from '@nestjs/common';
import { normalizeError } from '../errors/service-error.js';
import { redactText } from '../logging/redaction.js';
import { within } from '../timing/within.js';
import { NotTraced } from '../tracing/traced.decorator.js';

export interface HealthCheckDefinition {
  readonly name: string;
  /** A critical check that is down makes the process unready; any other makes it degraded. */
  readonly critical: boolean;
  /** Default: 1000. */
  readonly timeoutMs?: number;
  /** Resolves when all is well, rejects when not. */
  readonly check: () => Promise<void>;
}

export interface HealthCheckOutcome {
  readonly name: string;
  readonly critical: boolean;
  readonly status: 'up' | 'down';
  readonly durationMs: number;
  /** Why it is down, redacted. */
  readonly message?: string;
}

const DEFAULT_TIMEOUT_MS = 1_000;

/** The dependencies of this process, registered by those who own them. */
@Injectable()
@NotTraced()
export class HealthChecks {
  private readonly checks = new Map<string, HealthCheckDefinition>();
  private readonly running = new Map<string, Promise<void>>();

  /** @throws Error when the name is taken. */
  register(definition: HealthCheckDefinition): void {
    if (this.checks.has(definition.name)) throw new Error(`health check ${definition.name} is registered twice`);
    this.checks.set(definition.name, definition);
  }

  /** Runs all checks side by side, each under its timeout. Never rejects. */
  runAll(): Promise<HealthCheckOutcome[]> {
    return Promise.all([...this.checks.values()].map((definition) => this.run(definition)));
  }

  private async run(definition: HealthCheckDefinition): Promise<HealthCheckOutcome> {
    const { name, critical, timeoutMs = DEFAULT_TIMEOUT_MS } = definition;
    const startedAt = performance.now();
    try {
      await within(timeoutMs, this.start(definition));
      return { name, critical, status: 'up', durationMs: performance.now() - startedAt };
    } catch (error) {
      const message = redactText(normalizeError(error).message).slice(0, 500);
      return { name, critical, status: 'down', durationMs: performance.now() - startedAt, message };
    }
  }

  /** A check that hangs is not started again by each poll: polls share the one that runs. */
  private start(definition: HealthCheckDefinition): Promise<void> {
    const running = this.running.get(definition.name);
    if (running) return running;
    const started = Promise.resolve()
      .then(() => definition.check())
      .finally(() => this.running.delete(definition.name));
    this.running.set(definition.name, started);
    return started;
  }
}
