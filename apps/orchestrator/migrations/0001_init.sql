-- One row per idea that was ever scored: where it stands in the workflow and what the next step needs.
CREATE TABLE ideas (
  idea_id uuid PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('held', 'deferred', 'rejected', 'rendering', 'listing', 'listed', 'failed', 'withdrawing', 'withdrawn')),
  revision integer NOT NULL,
  -- The newest ideas.scored, as received.
  scored jsonb NOT NULL,
  rule text NOT NULL,
  reason text NOT NULL,
  decided_by text NOT NULL,
  decided_at timestamptz NOT NULL,
  held_for text,
  deferred_until timestamptz,
  duplicate_of uuid,
  sku text NOT NULL UNIQUE,
  -- The command that an answer is awaited for.
  pending_command_id text,
  pending_step text CHECK (pending_step IN ('mockups', 'listing', 'withdrawal')),
  pending_attempt integer,
  -- Design and previews, once they are made.
  artwork jsonb,
  held_seconds double precision NOT NULL DEFAULT 0,
  listing_requested_at timestamptz,
  listing_id text,
  listing_url text,
  published_at timestamptz,
  withdraw_reason text,
  withdrawn_at timestamptz,
  cause_code text,
  cause_message text,
  -- Trace context of the newest score: what a person does later links to it.
  trace jsonb,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK ((pending_command_id IS NULL) = (pending_step IS NULL) AND (pending_step IS NULL) = (pending_attempt IS NULL))
);
CREATE INDEX ideas_newest ON ideas (created_at DESC, idea_id DESC);
CREATE INDEX ideas_newest_by_state ON ideas (state, created_at DESC, idea_id DESC);
CREATE INDEX ideas_by_state_age ON ideas (state, updated_at);

-- Time that an idea waited for a person or for budget; not counted in publish latency.
CREATE TABLE holds (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  idea_id uuid NOT NULL REFERENCES ideas ON DELETE CASCADE,
  held_for text NOT NULL CHECK (held_for IN ('reviewer', 'budget')),
  rule text NOT NULL,
  held_from timestamptz NOT NULL,
  held_until timestamptz CHECK (held_until >= held_from)
);
CREATE INDEX holds_of_idea ON holds (idea_id);
CREATE UNIQUE INDEX holds_one_open ON holds (idea_id) WHERE held_until IS NULL;

-- Everything that happened to an idea and what was done about it, ignored inputs too (from_state = to_state, note says why).
-- No foreign key: an event about an idea that is not known is recorded as well.
CREATE TABLE transitions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  idea_id uuid NOT NULL,
  from_state text NOT NULL,
  to_state text NOT NULL,
  input text NOT NULL,
  applied boolean NOT NULL,
  rule text,
  note text,
  actor text NOT NULL,
  event_id uuid,
  at timestamptz NOT NULL,
  trace_id text
);
CREATE INDEX transitions_of_idea ON transitions (idea_id, id);
CREATE INDEX transitions_by_age ON transitions (at);

-- Approvals per shop day. The row is the lock that makes counting safe between transactions.
CREATE TABLE budget_days (
  shop_day text PRIMARY KEY,
  approved integer NOT NULL CHECK (approved >= 0)
);
