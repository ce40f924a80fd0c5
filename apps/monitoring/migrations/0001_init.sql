-- What is known of signals, ideas and listings, folded from events that may come late, twice and in any order.
CREATE TABLE signals (
  signal_id uuid PRIMARY KEY,
  ingestion_id uuid NOT NULL,
  source text NOT NULL,
  captured_at timestamptz NOT NULL
);
CREATE INDEX signals_of_ingestion ON signals (ingestion_id, captured_at, signal_id);
CREATE INDEX signals_by_age ON signals (captured_at);

-- Apart from signals: an idea may be heard of before its signals are.
CREATE TABLE signal_ideas (
  signal_id uuid PRIMARY KEY,
  idea_id uuid NOT NULL
);
CREATE INDEX signal_ideas_of_idea ON signal_ideas (idea_id);

CREATE TABLE ideas (
  idea_id uuid PRIMARY KEY,
  revision integer NOT NULL DEFAULT 0,
  phrase text,
  score double precision,
  founding_signal_id uuid,
  founding_captured_at timestamptz,
  scored_at timestamptz,
  decision text CHECK (decision IN ('approved', 'held', 'deferred', 'rejected')),
  decision_rule text,
  decided_at timestamptz,
  held_for text,
  deferred_until timestamptz,
  duplicate_of uuid,
  approved_at timestamptz,
  mockups_requested_attempt integer NOT NULL DEFAULT 0,
  mockups_attempt integer NOT NULL DEFAULT 0,
  mockups_at timestamptz,
  mockups_failed_attempt integer NOT NULL DEFAULT 0,
  mockups_failed_at timestamptz,
  mockups_failure text,
  listing_failed_at timestamptz,
  listing_failure text,
  -- The first listing, and what its publish latency is made of.
  published_at timestamptz,
  held_seconds double precision,
  publish_latency_ms double precision CHECK (publish_latency_ms >= 0),
  withdrawn_at timestamptz,
  outcome text NOT NULL DEFAULT 'pending'
    CHECK (outcome IN ('pending', 'listed', 'rejected', 'held', 'duplicate', 'failed', 'deferred')),
  outcome_detail text,
  updated_at timestamptz NOT NULL
);
CREATE INDEX ideas_by_outcome ON ideas (outcome);
CREATE INDEX ideas_published ON ideas (published_at) WHERE published_at IS NOT NULL;
CREATE INDEX ideas_unpublished ON ideas (founding_captured_at) WHERE outcome = 'pending';
CREATE INDEX ideas_by_age ON ideas (updated_at);

CREATE TABLE listings (
  marketplace text NOT NULL,
  listing_id text NOT NULL,
  idea_id uuid NOT NULL,
  url text NOT NULL,
  published_at timestamptz NOT NULL,
  PRIMARY KEY (marketplace, listing_id)
);
CREATE INDEX listings_of_idea ON listings (idea_id);

-- One row per event, for timelines.
CREATE TABLE idea_events (
  event_id uuid PRIMARY KEY,
  type text NOT NULL,
  service text NOT NULL,
  idea_id uuid,
  signal_id uuid,
  at timestamptz NOT NULL,
  detail text,
  -- From here on the idea waits for a person or for budget.
  held boolean NOT NULL,
  trace_id text,
  CHECK (idea_id IS NOT NULL OR signal_id IS NOT NULL)
);
CREATE INDEX idea_events_of_idea ON idea_events (idea_id, at) WHERE idea_id IS NOT NULL;
CREATE INDEX idea_events_of_signal ON idea_events (signal_id) WHERE signal_id IS NOT NULL;
CREATE INDEX idea_events_by_age ON idea_events (at);
