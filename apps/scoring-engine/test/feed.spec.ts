import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signalOf, startScoringApp } from './scoring-app.js';
import type { ScoringApp } from './scoring-app.js';

const now = Date.now();
const hoursAgo = (hours: number) => new Date(now - hours * 3_600_000).toISOString();

/** Title, topic, age in hours, engagement. */
type Item = readonly [string, string, number, number | null];

/** What people talk about today. */
const lively: Item[] = [
  ['Rooftop beekeepers paint every hive in a different tartan', 'bees', 2, 340],
  ['Commuters knit one row per station and compare scarves', 'knitting', 5, 410],
  ['Village choir sings the shipping forecast in four parts', 'music', 9, 280],
  ['Amateur astronomers photograph a comet with a biscuit tin', 'astronomy', 14, 390],
  ['Repair cafe brings forty typewriters back to life', 'repair', 20, 265],
  ['Allotment club breeds a pumpkin in the shape of a teapot', 'gardening', 7, null],
];
/** What nobody talks about any more. */
const stale: Item[] = [
  ['Chess players meet on a frozen canal', 'chess', 200, 40],
  ['Campers compare seventeen ways to fold a tarp', 'camping', 240, 55],
  ['Bakery window shows a loaf in the shape of a tram', 'baking', 330, 32],
  ['Pottery class glazes a hundred identical owls', 'pottery', 500, 61],
];
/** What is neither. */
const usual: Item[] = [
  ['Bus drivers publish a calendar of hedges', 'photography', 30, 120],
  ['Kayakers map the quietest bends of the river', 'kayaking', 36, 150],
  ['Library lends telescopes on Fridays', 'library', 40, 135],
  ['Sewing circle turns umbrellas into shopping bags', 'sewing', 28, 142],
];

describe('a whole feed in an empty database', () => {
  let app: ScoringApp;

  beforeAll(async () => {
    app = await startScoringApp({ GATHER_QUIET_MS: '500' });
  }, 60_000);

  afterAll(async () => await app.close(), 30_000);

  it('is told apart by what is in the feed itself', async () => {
    const signals = [...lively, ...stale, ...usual].map(([title, topic, hours, engagement]) =>
      signalOf(title, { topics: [topic], publishedAt: hoursAgo(hours), engagement }),
    );
    await Promise.all(signals.map((signal) => app.emit('signals.ingested', signal)));
    const scores = new Map<string, number>();
    for (const { signalId, title } of signals) {
      const { data } = await app.scoredWith(signalId);
      expect(data.signalIds).toEqual([signalId]);
      scores.set(title, data.score);
    }
    const of = (items: Item[]) => items.map(([title]) => scores.get(title)!);
    expect(Math.min(...of(lively))).toBeGreaterThanOrEqual(0.6);
    expect(Math.max(...of(stale))).toBeLessThanOrEqual(0.5);
    expect(Math.min(...of(lively))).toBeGreaterThan(Math.max(...of(usual)));
    expect(Math.min(...of(usual))).toBeGreaterThan(Math.max(...of(stale)));
  });
});
