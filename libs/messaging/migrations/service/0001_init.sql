-- What a service writes in the same transaction as its state.

-- Events on their way out. The relay removes a row in the transaction in which the transport has taken it, so every row is
-- unsent, and one that commits late is simply found by the next pass.
create table outbox (
  seq bigint generated always as identity primary key,
  event_id uuid not null,
  type text not null,
  key text not null,
  -- json, not jsonb: it keeps whatever is valid JSON, and nobody queries inside it.
  envelope json not null,
  recorded_at timestamptz not null default clock_timestamp()
);
-- A queue dies young: without this, vacuum would wait for a share of a table that is nearly always empty.
alter table outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Events that already had their effect here.
create table inbox (
  event_id uuid primary key,
  type text not null,
  handled_at timestamptz not null default clock_timestamp()
);
create index inbox_handled_at on inbox (handled_at);

create table jobs (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  key text,
  payload json not null,
  state text not null default 'pending' check (state in ('pending', 'running', 'done', 'failed')),
  -- When it is to run; the wait before it is counted from here.
  run_at timestamptz not null,
  -- While it runs: until when it is its worker's. Then anybody may take it.
  lease_until timestamptz,
  -- Fencing: grows with every take, and only the newest holder can complete the job.
  lease_token bigint not null default 0,
  -- Runs that count against the limit, the present one included.
  attempts integer not null default 0,
  -- Runs in a row that failed for whatever reason; the backoff grows with it.
  failures integer not null default 0,
  -- Asked for again while it was running: when, and with what.
  rerun_at timestamptz,
  rerun_payload json,
  trace json,
  links jsonb not null default '[]',
  last_error text,
  enqueued_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz
);
create unique index jobs_unfinished_key on jobs (name, key) where state in ('pending', 'running');
create index jobs_due on jobs (name, (coalesce(lease_until, run_at))) where state in ('pending', 'running');
create index jobs_finished_at on jobs (finished_at) where state in ('done', 'failed');
alter table jobs set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);

create table dead_letters (
  id uuid primary key default gen_random_uuid(),
  kind text not null check (kind in ('event', 'job')),
  -- Event type or job name.
  name text not null,
  -- Id of the event or of the job.
  source_id text not null,
  key text,
  -- The event's envelope, or the job's payload.
  content json not null,
  error_code text not null,
  error_message text not null,
  attempts integer not null,
  trace json,
  -- Whole milliseconds, so that a page's cursor holds it exactly.
  failed_at timestamptz(3) not null default clock_timestamp(),
  replayed_at timestamptz,
  unique (kind, source_id)
);
create index dead_letters_failed_at on dead_letters (failed_at, id);
