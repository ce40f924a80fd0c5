import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { ChecksRepository } from '../checks/checks.repository.js';
import { CheckSettings } from '../checks/checks.settings.js';
import { Checks, checkWorker } from '../checks/checks.worker.js';
import type { Env } from '../env.js';
import { Notifications } from '../pagerduty/notifications.js';
import { NotificationsRepository } from '../pagerduty/notifications.repository.js';
import { NotifyWorker } from '../pagerduty/notify.worker.js';
import { PagerDutyClient } from '../pagerduty/pagerduty.client.js';
import { PagerDutySettings } from '../pagerduty/pagerduty.settings.js';
import { SlaModule } from '../sla/sla.module.js';
import { IncidentKeeper } from './incident.keeper.js';
import { IncidentSettings } from './incident.settings.js';
import { IncidentsController } from './incidents.controller.js';
import { IncidentGauges } from './incidents.gauges.js';
import { IncidentsRepository } from './incidents.repository.js';
import { IncidentRetentionWorker } from './incidents.retention.js';
import { IncidentsService } from './incidents.service.js';

/** One check that finds a condition to hold may be luck. */
const GOOD_CHECKS = 2;
/** Samples that may be missing before nobody knows how long the queues are, and how long that is at least. */
const SAMPLES_MISSED = 5;
const FRESH_SECONDS = 60;

/** What monitoring watches over, what is broken, and who is told. */
@Module({})
export class IncidentsModule {
  static forRoot(env: Env): DynamicModule {
    return {
      module: IncidentsModule,
      imports: [SlaModule],
      controllers: [IncidentsController],
      providers: [
        { provide: CheckSettings, useValue: checkSettings(env) },
        {
          provide: IncidentSettings,
          useValue: new IncidentSettings(env.SLA_ALERT_COOLDOWN_MINUTES * 60_000, GOOD_CHECKS),
        },
        { provide: PagerDutySettings, useValue: pagerDutySettings(env) },
        Checks,
        ChecksRepository,
        checkWorker(env.CHECK_SECONDS * 1_000),
        IncidentKeeper,
        IncidentsRepository,
        IncidentsService,
        IncidentGauges,
        IncidentRetentionWorker,
        Notifications,
        NotificationsRepository,
        NotifyWorker,
        PagerDutyClient,
      ],
    };
  }
}

function checkSettings(env: Env): CheckSettings {
  return new CheckSettings(
    {
      thresholdSeconds: env.SLA_THRESHOLD_HOURS * 3_600,
      windowSeconds: env.SLA_WINDOW_HOURS * 3_600,
      minimumSamples: env.SLA_MINIMUM_SAMPLES,
    },
    { events: env.QUEUE_BACKLOG_LIMIT, seconds: env.QUEUE_BACKLOG_SECONDS },
    env.LISTING_DRIFT_LIMIT,
    Math.max(FRESH_SECONDS, SAMPLES_MISSED * env.SAMPLE_SECONDS),
  );
}

function pagerDutySettings(env: Env): PagerDutySettings {
  return new PagerDutySettings({
    enabled: env.ENABLE_PAGERDUTY,
    routingKey: env.PAGERDUTY_ROUTING_KEY,
    eventsUrl: env.PAGERDUTY_EVENTS_URL,
    timeoutMs: env.PAGERDUTY_TIMEOUT_SECONDS * 1_000,
    dashboardBaseUrl: env.DASHBOARD_BASE_URL,
    runbookBaseUrl: env.RUNBOOK_BASE_URL,
  });
}
