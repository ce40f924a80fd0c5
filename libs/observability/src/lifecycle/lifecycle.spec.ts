import { collectLogs } from '@signalpress/testing';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Logger, createLogger } from '../logging/logger.js';
import { Redaction } from '../logging/redaction.js';
import { Lifecycle } from './lifecycle.js';

function create(deadlineMs = 1_000) {
  const logs = collectLogs();
  const lifecycle = new Lifecycle(createLogger({ serviceName: 'spec', logDestination: logs.stream }), deadlineMs);
  return { lifecycle, logs };
}

describe('Lifecycle', () => {
  it('goes from starting to ready to stopping to stopped, and not back', async () => {
    const { lifecycle } = create();
    expect(lifecycle.state).toBe('starting');
    lifecycle.markReady();
    expect(lifecycle.state).toBe('ready');
    lifecycle.on('drain', 'look', () => expect(lifecycle.state).toBe('stopping'));
    await lifecycle.shutdown('spec');
    lifecycle.markReady();
    expect(lifecycle.state).toBe('stopped');
  });

  it('leaves no line in the buffer: its last one is written before the shutdown resolves', async () => {
    const written: string[] = [];
    const flushedAfter: (string | undefined)[] = [];
    const logger = new Logger(pino({}, { write: (line: string) => written.push(line) }), {
      redaction: new Redaction(),
      flush: () => flushedAfter.push(written.at(-1)),
    });
    await new Lifecycle(logger, 1_000).shutdown('spec');
    expect(flushedAfter).toEqual([expect.stringContaining('shutdown is complete')]);
  });

  it('runs the phases in order, whatever the order of registration, once', async () => {
    const { lifecycle } = create();
    const seen: string[] = [];
    for (const phase of ['flush', 'close', 'stop-intake', 'drain'] as const) {
      lifecycle.on(phase, phase, async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        seen.push(phase);
      });
    }
    await Promise.all([lifecycle.shutdown('first'), lifecycle.shutdown('second')]);
    expect(seen).toEqual(['stop-intake', 'drain', 'close', 'flush']);
  });

  it('logs a failing handler and goes on', async () => {
    const { lifecycle, logs } = create();
    let flushed = false;
    lifecycle.on('stop-intake', 'broken', () => {
      throw new Error('cannot stop');
    });
    lifecycle.on('drain', 'rejecting', () => Promise.reject(new Error('cannot drain')));
    lifecycle.on('flush', 'flush', () => {
      flushed = true;
    });
    await lifecycle.shutdown('spec');
    expect(flushed).toBe(true);
    const failures = logs.lines().filter(({ level }) => level === 'warn');
    expect(failures.map(({ handler }) => handler)).toEqual(['broken', 'rejecting']);
  });

  it('cuts a phase that hangs so that the later ones have their share of the deadline', async () => {
    const { lifecycle, logs } = create(300);
    const seen: string[] = [];
    lifecycle.on('drain', 'hanging', (signal, budgetMs) => {
      expect(budgetMs).toBeGreaterThan(100);
      expect(budgetMs).toBeLessThanOrEqual(210);
      signal.addEventListener('abort', () => seen.push('drain cut'));
      return new Promise<never>(() => undefined);
    });
    lifecycle.on('close', 'hanging too', () => new Promise<never>(() => undefined));
    lifecycle.on('flush', 'flush', (signal) => void seen.push(signal.aborted ? 'flush late' : 'flush in time'));
    const startedAt = performance.now();
    await lifecycle.shutdown('spec');
    expect(performance.now() - startedAt).toBeLessThan(400);
    expect(seen).toEqual(['drain cut', 'flush in time']);
    expect(logs.lines().filter(({ level }) => level === 'warn').length).toBe(2);
  });
});
