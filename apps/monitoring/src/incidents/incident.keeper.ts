import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Outbox } from '@signalpress/messaging';
import { Logger } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import type { CheckResult, Verdict } from '../checks/verdict.js';
import { Notifications } from '../pagerduty/notifications.js';
import { dedupKeyOf, nextStep, quietUntil } from './incident.rules.js';
import { IncidentSettings } from './incident.settings.js';
import { IncidentsRepository } from './incidents.repository.js';
import type { IncidentRow, IncidentTables } from './incidents.tables.js';

/** One condition, or one part that can break it, as a check just saw it. */
interface Finding extends Verdict {
  readonly condition: CheckResult['condition'];
  readonly dedupKey: string;
  readonly now: Date;
}

/** Turns what the checks found into incidents: state, event and page in the transaction of the check. */
@Injectable()
export class IncidentKeeper {
  constructor(
    private readonly repository: IncidentsRepository,
    private readonly notifications: Notifications,
    private readonly outbox: Outbox,
    private readonly settings: IncidentSettings,
    private readonly logger: Logger,
  ) {}

  /** A condition without a result is left as it is: nobody knows. */
  async conclude(tx: Transaction<IncidentTables>, results: readonly CheckResult[], now: Date): Promise<void> {
    await this.repository.lock(tx);
    for (const result of results) {
      const within = new Date(now.getTime() - this.settings.cooldownMs);
      const latest = await this.repository.latest(tx, result.condition, within);
      for (const finding of findingsOf(result, latest, now)) await this.step(tx, latest.get(finding.dedupKey), finding);
    }
    await this.notifications.resume(tx);
  }

  private async step(tx: Transaction<IncidentTables>, latest: IncidentRow | undefined, found: Finding): Promise<void> {
    const step = nextStep(latest, found.broken, found.now, this.settings);
    if (step.kind === 'open') return this.open(tx, found);
    if (latest === undefined) return;
    const { incident_id: id } = latest;
    switch (step.kind) {
      case 'none':
        return;
      case 'watch':
        await this.repository.update(tx, id, { good_checks: latest.good_checks + 1, checked_at: found.now });
        return;
      case 'resolve':
        return this.resolve(tx, latest, found);
      case 'reopen':
        return this.reopen(tx, latest, found, step.announce);
      case 'announce':
        return this.announce(tx, await this.repository.update(tx, id, brokenValues(found)), found);
      case 'go-on': {
        const row = await this.repository.update(tx, id, brokenValues(found));
        // PagerDuty was switched on while the incident was there.
        if (row.announced && !row.paged) await this.page(tx, row, found);
      }
    }
  }

  private async open(tx: Transaction<IncidentTables>, found: Finding): Promise<void> {
    const row = await this.repository.insert(tx, {
      ...brokenValues(found),
      incident_id: randomUUID(),
      dedup_key: found.dedupKey,
      condition: found.condition,
      subject: found.subject ?? null,
      state: 'open',
      opened_at: found.now,
      announced: false,
    });
    await this.repository.changed(tx, row.incident_id, 'opened', found.now, { note: found.summary });
    await this.announce(tx, row, found);
  }

  private async reopen(
    tx: Transaction<IncidentTables>,
    latest: IncidentRow,
    found: Finding,
    announce: boolean,
  ): Promise<void> {
    const row = await this.repository.update(tx, latest.incident_id, {
      ...brokenValues(found),
      state: 'open',
      openings: latest.openings + 1,
      reopened_at: found.now,
      announced: false,
      paged: false,
      acknowledged_at: null,
      acknowledged_by: null,
      acknowledged_note: null,
      resolved_at: null,
      resolution: null,
    });
    await this.repository.changed(tx, row.incident_id, 'reopened', found.now, { note: found.summary });
    if (announce) await this.announce(tx, row, found);
  }

  /** Says aloud that the condition is broken: event and page. */
  private async announce(tx: Transaction<IncidentTables>, row: IncidentRow, found: Finding): Promise<void> {
    await this.repository.update(tx, row.incident_id, { announced: true });
    if (row.openings > 1) await this.repository.changed(tx, row.incident_id, 'announced', found.now);
    await this.outbox.publish(tx, 'alerts.opened', alertOf(row, found));
    await this.page(tx, row, found);
    this.logger.warn('incident opened', {
      incident_id: row.incident_id,
      condition: row.condition,
      summary: row.summary,
    });
  }

  private async page(tx: Transaction<IncidentTables>, row: IncidentRow, { now }: Finding): Promise<void> {
    if (!(await this.notifications.trigger(tx, row, now))) return;
    await this.repository.update(tx, row.incident_id, { paged: true });
    if (row.state === 'acknowledged') await this.notifications.followUp(tx, row, 'acknowledge');
  }

  private async resolve(tx: Transaction<IncidentTables>, latest: IncidentRow, found: Finding): Promise<void> {
    const { now, summary } = found;
    const row = await this.repository.update(tx, latest.incident_id, {
      state: 'resolved',
      resolved_at: now,
      resolution: summary,
      checked_at: now,
      good_checks: latest.good_checks + 1,
      quiet_until: quietUntil(latest, now, this.settings),
    });
    await this.repository.changed(tx, row.incident_id, 'resolved', now, { note: summary });
    if (row.announced) {
      await this.outbox.publish(tx, 'alerts.resolved', { ...alertOf(row, found), resolvedAt: now.toISOString() });
    }
    if (row.paged) await this.notifications.followUp(tx, row, 'resolve');
    this.logger.log('incident resolved', { incident_id: row.incident_id, condition: row.condition, summary });
  }
}

/** The verdicts, and a good one for each incident whose subject has none. */
function findingsOf(result: CheckResult, latest: ReadonlyMap<string, IncidentRow>, now: Date): Finding[] {
  const { condition } = result;
  const findings = result.verdicts.map((verdict) => ({
    ...verdict,
    condition,
    now,
    dedupKey: dedupKeyOf(condition, verdict.subject),
  }));
  const seen = new Set(findings.map(({ dedupKey }) => dedupKey));
  const gone = [...latest.values()].filter(({ dedup_key: key }) => !seen.has(key));
  return [
    ...findings,
    ...gone.map(({ dedup_key: dedupKey, severity }) => ({
      condition,
      now,
      dedupKey,
      severity,
      broken: false,
      summary: result.otherwise,
      figures: {},
    })),
  ];
}

function brokenValues({ severity, summary, figures, now }: Finding) {
  return { severity, summary, figures: JSON.stringify(figures), good_checks: 0, checked_at: now };
}

function alertOf(row: IncidentRow, { summary }: Finding) {
  const { incident_id: incidentId, condition, severity, opened_at: openedAt } = row;
  return { incidentId, condition, severity, summary, openedAt: openedAt.toISOString() };
}
