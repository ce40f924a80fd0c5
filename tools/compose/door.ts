import { setTimeout as sleep } from 'node:timers/promises';
import { ingestion, outcomes, progress } from '@signalpress/contracts';
import type { Ingestion, Progress } from '@signalpress/contracts';
import { LaunchError } from '../launcher/failure.ts';

/** How long nothing may move, on a machine that has much else to do. */
const stalledMs = 300_000;

/** The gateway, as a person with the admin key sees it. */
export class Door {
  readonly url: string;
  private readonly adminKey: string;

  constructor(url: string, adminKey: string) {
    this.url = url;
    this.adminKey = adminKey;
  }

  async ingest(request: { source: string; document: string }): Promise<Ingestion> {
    return ingestion.parse(await this.json('/ingestions', request));
  }

  async progress(): Promise<Progress> {
    return progress.parse(await this.json('/progress'));
  }

  /** SKUs or ids of every listing there is, sorted. */
  async listings(): Promise<string[]> {
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = (await this.json(`/listings?limit=100${query}`)) as {
        items: { id: string; url: string | null }[];
        nextCursor: string | null;
      };
      found.push(...page.items.map(({ id, url }) => `${id} ${url ?? ''}`));
      cursor = page.nextCursor;
    } while (cursor !== null);
    return found.sort();
  }

  /** Waits until every signal that these ingestions accepted has an outcome. @returns how many have which */
  async settled(taken: readonly Ingestion[]): Promise<Record<string, number>> {
    const accepted = taken.reduce((sum, { totals }) => sum + totals.accepted, 0);
    let deadline = Date.now() + stalledMs;
    let left = Number.POSITIVE_INFINITY;
    for (;;) {
      const answers = await Promise.all(
        taken.map(async ({ ingestionId: id }) => outcomes.parse(await this.json(`/outcomes?ingestionId=${id}`))),
      );
      const pending = answers.reduce((sum, answer) => sum + answer.pending, 0);
      const items = answers.flatMap((answer) => answer.items);
      // Monitoring hears of a signal a moment after the door has answered for it.
      if (items.length >= accepted && pending === 0 && !items.some(({ outcome }) => outcome === 'pending')) {
        const counts: Record<string, number> = {};
        for (const { outcome } of items) counts[outcome] = (counts[outcome] ?? 0) + 1;
        return counts;
      }
      const open = accepted - items.filter(({ outcome }) => outcome !== 'pending').length;
      if (open < left) deadline = Date.now() + stalledMs;
      left = Math.min(left, open);
      if (Date.now() > deadline)
        throw new LaunchError(`of ${accepted} signals ${items.length} are known, and ${open} stay without an outcome`);
      await sleep(500);
    }
  }

  async status(route: string, key?: string): Promise<number> {
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const response = await fetch(`${this.url}${route}`, { headers });
    await response.body?.cancel();
    return response.status;
  }

  private async json(route: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}${route}`, {
      headers: { authorization: `Bearer ${this.adminKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new LaunchError(`${route} answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as unknown;
  }
}
