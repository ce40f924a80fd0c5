-- What happened, over time. Where TimescaleDB can be installed, series are hypertables, rollups are continuous aggregates and
-- both have retention policies; on plain PostgreSQL the same names stand over monthly partitions and over tables that the
-- jobs `series-upkeep` and `series-rollup` keep. Every query runs on both.

-- The one place that decides. A database may be told: alter database … set signalpress.time_series = 'postgresql'.
CREATE FUNCTION time_series_engine() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    nullif(current_setting('signalpress.time_series', true), ''),
    CASE WHEN EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb') THEN 'timescaledb' ELSE 'postgresql' END)
$$;

-- What there is, and for how long it is kept. The engine is decided once: tables do not change their kind afterwards.
CREATE TABLE time_series (
  name text PRIMARY KEY,
  engine text NOT NULL CHECK (engine IN ('timescaledb', 'postgresql')),
  keep interval NOT NULL
);
CREATE TABLE time_rollups (
  name text PRIMARY KEY,
  engine text NOT NULL CHECK (engine IN ('timescaledb', 'postgresql')),
  raw text NOT NULL REFERENCES time_series,
  width interval NOT NULL,
  keep interval NOT NULL,
  -- Columns of the select list without the bucket, and how many of them rows are grouped by.
  columns text NOT NULL,
  groups integer NOT NULL
);

-- Buckets whose rows changed since they were rolled up. It only grows and is emptied, so that no writer waits for another.
CREATE TABLE rollup_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rollup text NOT NULL,
  bucket timestamptz NOT NULL
);

CREATE FUNCTION note_changed_buckets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO rollup_changes (rollup, bucket)
    SELECT DISTINCT r.name, date_bin(r.width, c.time, timestamptz '2000-01-01 00:00:00+00')
    FROM changed c CROSS JOIN time_rollups r WHERE r.raw = TG_ARGV[0];
  RETURN NULL;
END $$;

CREATE PROCEDURE make_series(series text, columns text, keep interval) LANGUAGE plpgsql AS $make$
DECLARE
  engine text := time_series_engine();
BEGIN
  INSERT INTO time_series VALUES (series, engine, keep);
  IF engine = 'timescaledb' THEN
    EXECUTE format('CREATE TABLE %I (%s)', series, columns);
    EXECUTE format($timescaledb$
      SELECT public.create_hypertable(%L::regclass, 'time', chunk_time_interval => interval '30 days')
    $timescaledb$, format('%I.%I', current_schema(), series));
    EXECUTE format($timescaledb$
      SELECT public.add_retention_policy(%L::regclass, %L::interval)
    $timescaledb$, format('%I.%I', current_schema(), series), keep);
  ELSE
    EXECUTE format('CREATE TABLE %I (%s) PARTITION BY RANGE (time)', series, columns);
    -- Takes what no month's partition stands for yet; the upkeep moves it into one.
    EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', series || '_default', series);
    EXECUTE format('CREATE TRIGGER rollup_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION note_changed_buckets(%L)', series, series);
    EXECUTE format('CREATE TRIGGER rollup_update AFTER UPDATE ON %I REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION note_changed_buckets(%L)', series, series);
    EXECUTE format('CREATE TRIGGER rollup_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION note_changed_buckets(%L)', series, series);
  END IF;
END $make$;

-- `columns` begins with the columns that rows are grouped by, beside the bucket.
CREATE PROCEDURE make_rollup(rollup text, raw_series text, width interval, groups integer, columns text, keep interval)
LANGUAGE plpgsql AS $make$
DECLARE
  engine text := time_series_engine();
  positions text := (SELECT string_agg(n::text, ', ') FROM generate_series(1, groups + 1) n);
BEGIN
  INSERT INTO time_rollups VALUES (rollup, engine, raw_series, width, keep, columns, groups);
  IF engine = 'timescaledb' THEN
    EXECUTE format($timescaledb$
      CREATE MATERIALIZED VIEW %I WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
        SELECT public.time_bucket(%L::interval, time) AS bucket, %s FROM %I GROUP BY %s WITH NO DATA
    $timescaledb$, rollup, width, columns, raw_series, positions);
    EXECUTE format($timescaledb$
      SELECT public.add_continuous_aggregate_policy(%L::regclass, start_offset => %L::interval, end_offset => %L::interval,
        schedule_interval => interval '1 minute')
    $timescaledb$, format('%I.%I', current_schema(), rollup),
      (SELECT s.keep - interval '1 day' FROM time_series s WHERE s.name = raw_series), width);
    EXECUTE format($timescaledb$
      SELECT public.add_retention_policy(%L::regclass, %L::interval)
    $timescaledb$, format('%I.%I', current_schema(), rollup), keep);
  ELSE
    EXECUTE format(
      'CREATE TABLE %I AS SELECT date_bin(%L::interval, time, timestamptz ''2000-01-01 00:00:00+00'') AS bucket, %s
        FROM %I GROUP BY %s',
      rollup || '_rows', width, columns, raw_series, positions);
    EXECUTE format('CREATE INDEX ON %I (bucket)', rollup || '_rows');
    EXECUTE format('CREATE VIEW %I AS SELECT * FROM %I', rollup, rollup || '_rows');
  END IF;
END $make$;

DO $$
BEGIN
  -- An administrator may have installed it, where the service itself may not.
  IF time_series_engine() = 'timescaledb' AND NOT EXISTS (SELECT FROM pg_proc WHERE proname = 'create_hypertable') THEN
    EXECUTE $timescaledb$ CREATE EXTENSION IF NOT EXISTS timescaledb SCHEMA public $timescaledb$;
  END IF;
END $$;

CALL make_series('publish_latency', 'time timestamptz NOT NULL, idea_id uuid NOT NULL, source text NOT NULL,
  marketplace text NOT NULL, latency_seconds float8 NOT NULL, held_seconds float8 NOT NULL, within_sla boolean NOT NULL,
  PRIMARY KEY (time, idea_id)', '13 months');
CALL make_series('stage_durations', 'time timestamptz NOT NULL, idea_id uuid NOT NULL, stage text NOT NULL CHECK (stage IN
  (''ingest-to-score'', ''score-to-decide'', ''decide-to-mockup'', ''mockup-to-list'', ''held'')), seconds float8 NOT NULL,
  PRIMARY KEY (time, idea_id, stage)', '13 months');
CALL make_series('queue_lengths', 'time timestamptz NOT NULL, topic text NOT NULL, consumer_group text NOT NULL,
  length bigint NOT NULL, oldest_age_seconds float8, PRIMARY KEY (time, topic, consumer_group)', '30 days');
CALL make_series('resource_usage', 'time timestamptz NOT NULL, service text NOT NULL, cpu_cores float8,
  resident_memory_bytes bigint, heap_used_bytes bigint, event_loop_lag_seconds float8, up boolean NOT NULL,
  PRIMARY KEY (time, service)', '30 days');
CALL make_series('idea_scores', 'time timestamptz NOT NULL, idea_id uuid NOT NULL, source text NOT NULL,
  revision integer NOT NULL, score float8 NOT NULL, weights_version integer NOT NULL,
  PRIMARY KEY (time, idea_id, revision)', '13 months');
CALL make_series('factor_scores', 'time timestamptz NOT NULL, idea_id uuid NOT NULL, factor text NOT NULL,
  value float8 NOT NULL, weight float8 NOT NULL, PRIMARY KEY (time, idea_id, factor)', '13 months');
CALL make_series('decisions', 'time timestamptz NOT NULL, idea_id uuid NOT NULL, decision text NOT NULL, rule text NOT NULL,
  decided_by text NOT NULL, PRIMARY KEY (time, idea_id, decision)', '13 months');
CALL make_series('weight_history', 'time timestamptz NOT NULL, version integer NOT NULL, factor text NOT NULL,
  weight float8 NOT NULL, samples integer NOT NULL, PRIMARY KEY (time, version, factor)', '13 months');
CALL make_series('idea_performance', 'time timestamptz NOT NULL, idea_id uuid NOT NULL, views integer NOT NULL,
  favourites integer NOT NULL, sales integer NOT NULL, conversion float8, PRIMARY KEY (time, idea_id)', '13 months');
CALL make_series('listing_syncs', 'time timestamptz NOT NULL, marketplace text NOT NULL, idea_id uuid NOT NULL,
  listing_id text NOT NULL, drifts integer NOT NULL, kinds text[] NOT NULL,
  PRIMARY KEY (time, marketplace, listing_id)', '13 months');

CREATE INDEX publish_latency_of_idea ON publish_latency (idea_id);
CREATE INDEX idea_scores_of_idea ON idea_scores (idea_id);
CREATE INDEX idea_performance_of_idea ON idea_performance (idea_id, time DESC);
CREATE INDEX decisions_of_idea ON decisions (idea_id);
CREATE INDEX listing_syncs_of_listing ON listing_syncs (marketplace, listing_id, time DESC);
CREATE INDEX ideas_of_founding_signal ON ideas (founding_signal_id);

CALL make_rollup('publish_latency_hourly', 'publish_latency', '1 hour', 2,
  'source, marketplace, count(*)::integer AS ideas, avg(latency_seconds) AS mean_seconds,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_seconds) AS p50_seconds,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY latency_seconds) AS p95_seconds, max(latency_seconds) AS max_seconds,
  (count(*) FILTER (WHERE within_sla))::integer AS within_sla', '13 months');
CALL make_rollup('stage_durations_hourly', 'stage_durations', '1 hour', 1,
  'stage, count(*)::integer AS ideas, avg(seconds) AS mean_seconds,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95_seconds', '13 months');
CALL make_rollup('queue_lengths_5m', 'queue_lengths', '5 minutes', 2,
  'topic, consumer_group, avg(length)::float8 AS mean_length, max(length) AS max_length,
  max(oldest_age_seconds) AS max_oldest_age_seconds', '13 months');
CALL make_rollup('resource_usage_5m', 'resource_usage', '5 minutes', 1,
  'service, avg(cpu_cores) AS mean_cpu_cores, max(cpu_cores) AS max_cpu_cores,
  avg(resident_memory_bytes)::float8 AS mean_resident_memory_bytes, max(resident_memory_bytes) AS max_resident_memory_bytes,
  max(event_loop_lag_seconds) AS max_event_loop_lag_seconds,
  avg(CASE WHEN up THEN 1.0 ELSE 0.0 END)::float8 AS up_share', '13 months');

-- The agreement and the domain's clock, as the service was started with them; views have no environment.
CREATE TABLE sla_settings (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  threshold_seconds float8 NOT NULL,
  window_seconds float8 NOT NULL,
  clock_ahead_seconds float8 NOT NULL DEFAULT 0
);
INSERT INTO sla_settings (threshold_seconds, window_seconds) VALUES (7200, 86400);

-- Ideas in a working state and since when. An idea that was held or deferred works again since its approval.
CREATE VIEW ideas_working AS
  SELECT idea_id, phrase,
    CASE WHEN approved_at IS NULL THEN 'deciding' WHEN mockups_at IS NULL THEN 'rendering' ELSE 'listing' END AS step,
    CASE WHEN EXISTS (SELECT FROM decisions d WHERE d.idea_id = ideas.idea_id AND d.decision IN ('held', 'deferred'))
      THEN coalesce(approved_at, decided_at) ELSE coalesce(founding_captured_at, scored_at, approved_at) END AS since
  FROM ideas WHERE outcome = 'pending' AND (founding_captured_at IS NOT NULL OR scored_at IS NOT NULL OR approved_at IS NOT NULL);

-- Ideas whose first listing lies in the window, and the oldest that has none. Bound to its tables here, so that a dashboard's
-- connection needs no search_path.
CREATE FUNCTION sla_figures(until timestamptz, span interval, threshold_seconds float8)
RETURNS TABLE (mean_seconds float8, ideas integer, within_share float8, oldest_unpublished_age_seconds float8)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT avg(latency_seconds), count(*)::integer,
    avg(CASE WHEN latency_seconds <= threshold_seconds THEN 1.0 ELSE 0.0 END)::float8,
    (SELECT greatest(0, extract(epoch FROM until - min(since)))::float8 FROM ideas_working)
  FROM publish_latency WHERE time > until - span;
END;

CREATE VIEW sla_current AS
  SELECT s.threshold_seconds, s.window_seconds, f.mean_seconds, f.ideas, f.within_share, f.oldest_unpublished_age_seconds
  FROM sla_settings s CROSS JOIN LATERAL sla_figures(
    now() + make_interval(secs => s.clock_ahead_seconds), make_interval(secs => s.window_seconds), s.threshold_seconds) f;

-- Listings that are not what was published, by their newest comparison; a listing that was withdrawn is meant to be away.
CREATE VIEW listing_drifts_current AS
  SELECT n.idea_id, n.marketplace, n.listing_id, n.kinds, (
    SELECT min(b.time) FROM listing_syncs b
    WHERE b.marketplace = n.marketplace AND b.listing_id = n.listing_id AND b.drifts > 0 AND b.time > coalesce((
      SELECT max(c.time) FROM listing_syncs c
      WHERE c.marketplace = n.marketplace AND c.listing_id = n.listing_id AND c.drifts = 0), '-infinity')) AS since
  FROM (SELECT DISTINCT ON (marketplace, listing_id) * FROM listing_syncs ORDER BY marketplace, listing_id, time DESC) n
  LEFT JOIN listings l ON l.marketplace = n.marketplace AND l.listing_id = n.listing_id
  LEFT JOIN ideas i ON i.idea_id = n.idea_id
  WHERE n.drifts > 0 AND (i.withdrawn_at IS NULL OR i.withdrawn_at < l.published_at);

-- What is known already.
ALTER TABLE ideas ADD COLUMN first_marketplace text;
INSERT INTO publish_latency
  SELECT i.published_at, i.idea_id, coalesce(s.source, 'unknown'), coalesce(l.marketplace, 'storefront'),
    i.publish_latency_ms / 1000, coalesce(i.held_seconds, 0), i.publish_latency_ms <= 7200000
  FROM ideas i LEFT JOIN signals s ON s.signal_id = i.founding_signal_id
  LEFT JOIN LATERAL (SELECT marketplace FROM listings WHERE listings.idea_id = i.idea_id
    ORDER BY published_at, marketplace LIMIT 1) l ON true
  WHERE i.published_at IS NOT NULL;
INSERT INTO stage_durations
  SELECT ended, idea_id, stage, greatest(0, extract(epoch FROM span))::float8
  FROM ideas CROSS JOIN LATERAL (VALUES
    ('ingest-to-score', scored_at, scored_at - founding_captured_at),
    ('score-to-decide', approved_at, CASE WHEN published_at IS NOT NULL THEN approved_at - scored_at - make_interval(secs => held_seconds) END),
    ('decide-to-mockup', mockups_at, mockups_at - approved_at),
    ('mockup-to-list', published_at, published_at - mockups_at),
    ('held', approved_at, CASE WHEN held_seconds > 0 THEN make_interval(secs => held_seconds) END)
  ) AS stages (stage, ended, span) WHERE span IS NOT NULL;
UPDATE ideas SET first_marketplace = p.marketplace FROM publish_latency p WHERE p.idea_id = ideas.idea_id;
