import { expect, it } from '@jest/globals';
import { collectLogs, collectSpans, startSentrySink, waitFor } from '@signalpress/testing';
import { traceHttpClient } from '../src/http/http-client.js';
import { Lifecycle, Logger } from '../src/index.js';
import { startShop } from './support/shop-app.js';

it("Sentry's own request is no part of the trace that failed (its POST was traced into it)", async () => {
  const spans = collectSpans();
  const stop = traceHttpClient();
  const sentry = await startSentrySink();
  const { app, url } = await startShop('fastify', {
    serviceName: 'shop',
    sentryDsn: sentry.dsn,
    logDestination: collectLogs().stream,
  });
  // Nest hands what nobody caught to its logger, and this one to the error reporter.
  app.useLogger(app.get(Logger));
  try {
    expect((await fetch(`${url}/items/broken`)).status).toBe(500);
    const event = await sentry.waitForEvent();
    await waitFor(() => spans.spans().some(({ kind }) => kind === 'server'), { timeoutMs: 5_000, message: 'a span' });
    await app.get(Lifecycle).shutdown('spec');
    expect(event.traceId).toBe(spans.spans().find(({ kind }) => kind === 'server')?.traceId);
    expect(spans.spans().filter(({ kind }) => kind === 'client')).toEqual([]);
  } finally {
    stop();
    // What was still open would be ended by that.
    expect(spans.spans().filter(({ kind }) => kind === 'client')).toEqual([]);
    await app.close();
    await sentry.close();
    await spans.shutdown();
  }
});
