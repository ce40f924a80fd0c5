import type { Dashboard } from './dashboard.ts';
import { barsPanel, statPanel, tablePanel, timeSeriesPanel } from './panels.ts';
import { metric, sqlRows, sqlSeries } from './queries.ts';

const scored = '$__timeFilter(time) AND source IN (${source:sqlstring})';
/** Newest observation of each idea of the chosen sources and marketplaces. */
const performance = `
  SELECT DISTINCT ON (p.idea_id) p.* FROM monitoring.idea_performance p
  JOIN monitoring.publish_latency l ON l.idea_id = p.idea_id
  WHERE $__timeFilter(p.time) AND l.source IN (\${source:sqlstring}) AND l.marketplace IN (\${marketplace:sqlstring})
  ORDER BY p.idea_id, p.time DESC`;
/** The last decision on each idea of the chosen sources. */
const decided = `
  SELECT DISTINCT ON (d.idea_id) d.* FROM monitoring.decisions d
  WHERE $__timeFilter(d.time) AND EXISTS (
    SELECT FROM monitoring.idea_scores s WHERE s.idea_id = d.idea_id AND s.source IN (\${source:sqlstring}))
  ORDER BY d.idea_id, d.time DESC`;

const totals = {
  height: 5,
  panels: [
    statPanel({
      title: 'Ideas scored',
      description: 'In the time shown.',
      unit: 'short',
      query: sqlRows(`SELECT count(DISTINCT idea_id) AS ideas FROM monitoring.idea_scores WHERE ${scored}`),
    }),
    statPanel({
      title: 'Mean score',
      description: 'Of the ideas that were scored in the time shown, each by its newest score; 0 to 1.',
      unit: 'percentunit',
      query: sqlRows(`
        SELECT avg(score) AS score FROM (
          SELECT DISTINCT ON (idea_id) score FROM monitoring.idea_scores WHERE ${scored} ORDER BY idea_id, revision DESC
        ) newest`),
    }),
    statPanel({
      title: 'Approved',
      description: 'Share of the decided ideas whose last decision is an approval.',
      unit: 'percentunit',
      query: sqlRows(
        `SELECT avg(CASE WHEN decision = 'approved' THEN 1.0 ELSE 0.0 END)::float8 AS approved FROM (${decided}) last`,
      ),
    }),
    statPanel({
      title: 'Conversion',
      description: 'Sales per view over all ideas with views.',
      unit: 'percentunit',
      query: sqlRows(
        `SELECT coalesce(sum(sales)::float8 / nullif(sum(views), 0), 0) AS conversion FROM (${performance}) newest`,
      ),
    }),
    statPanel({
      title: 'Views',
      description: 'Of the listings of the ideas shown, by their newest observation.',
      unit: 'short',
      query: sqlRows(`SELECT coalesce(sum(views), 0) AS views FROM (${performance}) newest`),
    }),
    statPanel({
      title: 'Version of the weights',
      description: 'Of the newest score. It rises each time the feedback loop has learned.',
      unit: 'none',
      query: sqlRows(`SELECT weights_version FROM monitoring.idea_scores WHERE ${scored} ORDER BY time DESC LIMIT 1`),
    }),
  ],
};

const scores = {
  height: 9,
  panels: [
    barsPanel({
      title: 'Distribution of scores',
      description:
        'Ideas by score, in tenths, and what was decided. A good score separates what is approved from the rest.',
      unit: 'short',
      by: 'score',
      stacked: true,
      query: sqlRows(`
        SELECT to_char(least(floor(n.score * 10), 9) / 10, 'FM0.0') AS score,
          count(*) FILTER (WHERE d.decision = 'approved') AS approved,
          count(*) FILTER (WHERE d.decision IS DISTINCT FROM 'approved') AS other
        FROM (SELECT DISTINCT ON (idea_id) idea_id, score FROM monitoring.idea_scores WHERE ${scored} ORDER BY idea_id, revision DESC) n
        LEFT JOIN (${decided}) d ON d.idea_id = n.idea_id
        GROUP BY 1 ORDER BY 1`),
    }),
    timeSeriesPanel({
      title: 'Scores',
      description: 'One point per score, by source of the founding signal.',
      unit: 'percentunit',
      draw: 'points',
      max: 1,
      queries: [
        sqlSeries(
          `SELECT time, source AS metric, score AS value FROM monitoring.idea_scores WHERE ${scored} ORDER BY time`,
        ),
      ],
    }),
    timeSeriesPanel({
      title: 'Decisions',
      description: 'Ideas by what was decided, over time.',
      unit: 'short',
      draw: 'stacked bars',
      queries: [
        sqlSeries(`
          SELECT $__timeGroupAlias(time, $__interval), decision AS metric, count(*) AS value FROM monitoring.decisions
          WHERE $__timeFilter(time) GROUP BY 1, 2 ORDER BY 1`),
      ],
    }),
  ],
};

const factors = {
  height: 9,
  panels: [
    timeSeriesPanel({
      title: 'Weights',
      description:
        'As learned, and as they were used for scores. A weight that runs to a bound deserves a look at its factor.',
      unit: 'percentunit',
      draw: 'steps',
      queries: [
        sqlSeries(`
          SELECT time, factor AS metric, weight AS value FROM monitoring.weight_history WHERE $__timeFilter(time)
          UNION ALL
          SELECT date_trunc('second', time), factor, avg(weight) FROM monitoring.factor_scores WHERE $__timeFilter(time) GROUP BY 1, 2
          ORDER BY 1`),
      ],
    }),
    timeSeriesPanel({
      title: 'Factor values',
      description: 'Mean value of each factor of the scored ideas. A factor that is always 0 or 1 decides nothing.',
      unit: 'percentunit',
      queries: [
        sqlSeries(`
          SELECT $__timeGroupAlias(time, $__interval), factor AS metric, avg(value) AS value FROM monitoring.factor_scores
          WHERE $__timeFilter(time) GROUP BY 1, 2 ORDER BY 1`),
      ],
    }),
    tablePanel({
      title: 'Factors',
      description:
        'Mean value and weight, what the factor adds to a score, and by how much approved ideas have more of it than others.',
      query: sqlRows(`
        SELECT f.factor, avg(f.value) AS mean_value, avg(f.weight) AS mean_weight, avg(f.value * f.weight) AS contribution,
          coalesce(avg(f.value) FILTER (WHERE i.approved_at IS NOT NULL) - avg(f.value) FILTER (WHERE i.approved_at IS NULL), 0) AS separation
        FROM monitoring.factor_scores f LEFT JOIN monitoring.ideas i ON i.idea_id = f.idea_id
        WHERE $__timeFilter(f.time) GROUP BY f.factor ORDER BY contribution DESC`),
      columns: {
        factor: { label: 'Factor' },
        mean_value: { label: 'Value, mean', decimals: 3 },
        mean_weight: { label: 'Weight, mean', decimals: 3 },
        contribution: { label: 'Adds to the score', decimals: 3 },
        separation: { label: 'Approved minus others', decimals: 3 },
      },
    }),
  ],
};

const outcomes = {
  height: 9,
  panels: [
    tablePanel({
      title: 'Decisions by rule',
      description:
        'Which rule decides how many ideas, and its share of all decisions. A rule that suddenly decides most is broken or its input is.',
      query: sqlRows(`
        SELECT decision, rule, decided_by, count(*) AS ideas, count(*)::float8 / sum(count(*)) OVER () AS share
        FROM monitoring.decisions WHERE $__timeFilter(time) GROUP BY decision, rule, decided_by ORDER BY ideas DESC`),
      columns: {
        decision: { label: 'Decision' },
        rule: { label: 'Rule' },
        decided_by: { label: 'By' },
        ideas: { label: 'Ideas' },
        share: { label: 'Share', unit: 'percentunit' },
      },
    }),
    barsPanel({
      title: 'Approved by source',
      description: 'Decided ideas of each source, approved and not.',
      unit: 'short',
      by: 'source',
      stacked: true,
      query: sqlRows(`
        SELECT s.source, count(*) FILTER (WHERE d.decision = 'approved') AS approved,
          count(*) FILTER (WHERE d.decision <> 'approved') AS other
        FROM (${decided}) d
        JOIN (SELECT DISTINCT idea_id, source FROM monitoring.idea_scores) s ON s.idea_id = d.idea_id
        GROUP BY s.source ORDER BY s.source`),
    }),
    timeSeriesPanel({
      title: 'Ideas by outcome',
      description: 'Where all ideas stand, by the metrics of the monitoring service.',
      unit: 'short',
      queries: [metric('max by (outcome) (signalpress_ideas_by_outcome)', '{{outcome}}')],
    }),
  ],
};

const sales = {
  height: 9,
  panels: [
    tablePanel({
      title: 'Top ideas',
      description: 'By sales, favourites and views of their newest observation.',
      query: sqlRows(`
        SELECT i.phrase, i.score, n.views, n.favourites, n.sales, coalesce(n.conversion, 0) AS conversion
        FROM (${performance}) n LEFT JOIN monitoring.ideas i ON i.idea_id = n.idea_id
        ORDER BY n.sales DESC, n.favourites DESC, n.views DESC LIMIT 20`),
      columns: {
        phrase: { label: 'Idea' },
        score: { label: 'Score', decimals: 3 },
        views: { label: 'Views' },
        favourites: { label: 'Favourites' },
        sales: { label: 'Sales' },
        conversion: { label: 'Conversion', unit: 'percentunit' },
      },
    }),
    timeSeriesPanel({
      title: 'Conversion by idea',
      description: 'Sales per view as observed, one point per observation.',
      unit: 'percentunit',
      draw: 'points',
      queries: [
        sqlSeries(`
          SELECT p.time, l.source AS metric, coalesce(p.conversion, 0) AS value FROM monitoring.idea_performance p
          JOIN monitoring.publish_latency l ON l.idea_id = p.idea_id
          WHERE $__timeFilter(p.time) AND l.source IN (\${source:sqlstring}) AND l.marketplace IN (\${marketplace:sqlstring})
          ORDER BY p.time`),
      ],
    }),
    timeSeriesPanel({
      title: 'What visitors do',
      description: 'On the storefront, per minute: view, favourite, buy.',
      unit: 'opm',
      queries: [metric('sum by (action) (rate(storefront_actions_total[$__rate_interval])) * 60', '{{action}}')],
    }),
  ],
};

export const optimization: Dashboard = {
  file: 'optimization',
  title: 'Optimization',
  description: 'Are the scores any good: what is approved, what sells, and what the feedback loop makes of it?',
  variables: ['marketplace', 'source'],
  lines: [totals, scores, factors, outcomes, sales],
};
