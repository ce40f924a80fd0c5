import type { INestApplication } from '@nestjs/common';
import type { AlertCondition } from '@signalpress/contracts';
import { quickTuning, startWithDatabase } from '@signalpress/messaging/testing';
import type { ServiceUnderTest } from '@signalpress/messaging/testing';
import { createService, loadEnv } from '@signalpress/service-defaults';
import { AppModule } from '../src/app.module.js';
import type { CheckResult, Verdict } from '../src/checks/verdict.js';
import { schema } from '../src/env.js';
import { IncidentKeeper } from '../src/incidents/incident.keeper.js';
import type { IncidentDetails, IncidentPage } from '../src/incidents/incidents.schema.js';
import type { IncidentTables } from '../src/incidents/incidents.tables.js';
import { firstRunOf } from './monitoring-app.js';

/** Of no account anywhere. */
export const routingKey = 'R0000000000000000000000000SECRET';
export const withPagerDuty = (url: string): Record<string, string> => ({
  ENABLE_PAGERDUTY: 'true',
  PAGERDUTY_ROUTING_KEY: routingKey,
  PAGERDUTY_EVENTS_URL: url,
  DASHBOARD_BASE_URL: 'https://grafana.example.com',
  RUNBOOK_BASE_URL: 'https://docs.example.com/runbooks',
});

export interface IncidentsApp extends ServiceUnderTest<IncidentTables> {
  readonly app: INestApplication;
  /** One round of checks that finds this, so many minutes after noon. */
  check(minute: number, ...results: CheckResult[]): Promise<void>;
  page(query?: string): Promise<IncidentPage>;
  details(id: string): Promise<IncidentDetails>;
  send(method: 'GET' | 'POST', path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
}

const noon = Date.parse('2026-05-04T12:00:00.000Z');
export const minutes = (minute: number): Date => new Date(noon + minute * 60_000);

export const found = (condition: AlertCondition, verdict: Partial<Verdict> = {}): CheckResult => ({
  condition,
  otherwise: 'All is well.',
  verdicts: [
    {
      broken: true,
      severity: 'critical',
      summary: 'It takes 3.4 h; 2 h are agreed on.',
      figures: { mean: 3.4 },
      ...verdict,
    },
  ],
});
export const bad = found('publish-latency');
export const good = found('publish-latency', { broken: false, summary: 'It takes 1.2 h; 2 h are agreed on.' });

/** The whole service, whose own checks run only when a spec asks for them; the clock stands near noon. */
export async function startIncidents(
  environment: Record<string, string> = {},
  databaseUrl?: string,
): Promise<IncidentsApp> {
  let app: INestApplication | undefined;
  const service = await startWithDatabase<IncidentTables>(async (variables) => {
    const settings = { CHECK_SECONDS: '3600', SAMPLE_SECONDS: '3600', CLOCK_AS_OF: minutes(0).toISOString() };
    const env = loadEnv(schema, { ...variables, ...settings, ...environment });
    const tuning = { ...quickTuning, backoffBaseMs: 20, backoffMaxMs: 100 };
    app = await createService(
      { service: 'monitoring', app: () => Promise.resolve(AppModule.register(env, tuning)) },
      env,
    );
    return app;
  }, databaseUrl);
  if (app === undefined) throw new Error('There is no application');
  await firstRunOf(service.db, 'checks');
  const keeper = app.get(IncidentKeeper, { strict: false });
  const send: IncidentsApp['send'] = async (method, path, body) => {
    const content =
      body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${service.url}${path}`, { method, ...content });
    return { status: response.status, body: await response.json() };
  };
  return {
    ...service,
    app,
    send,
    check: (minute, ...results) => service.db.transaction((tx) => keeper.conclude(tx, results, minutes(minute))),
    page: async (query = '') => (await send('GET', `/incidents${query}`)).body as IncidentPage,
    details: async (id) => (await send('GET', `/incidents/${id}`)).body as IncidentDetails,
  };
}
