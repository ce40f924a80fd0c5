-- Ideas: groups of signals that say the same.
create table ideas (
  id uuid primary key,
  position bigint generated always as identity unique,
  state text not null default 'open' check (state in ('open', 'approved', 'rejected')),
  founding_signal_id uuid not null unique,
  founding_captured_at timestamptz not null,
  -- Domain time, as asOf and closed_at are.
  opened_at timestamptz not null,
  closed_at timestamptz,
  -- Whether later signals that say the same are duplicates of it.
  shadows boolean not null default false,
  duplicate_of uuid,
  embedding bytea not null,
  -- Number of scores so far.
  revision integer not null default 0,
  -- Operational time at which the current gather window began; null while nothing waits to be scored.
  gathering_since timestamptz,
  -- W3C context of the founding signal's trace.
  trace jsonb,
  sales bigint not null default 0,
  performance_observed_at timestamptz
);
create index ideas_opened_at on ideas (opened_at);
create index ideas_sales on ideas (sales desc) where sales > 0;

create table signals (
  id uuid primary key,
  idea_id uuid not null references ideas (id) on delete cascade,
  -- Order within the idea.
  position bigint generated always as identity,
  source text not null,
  title text not null,
  summary text not null,
  topics text[] not null,
  published_at timestamptz,
  captured_at timestamptz not null,
  engagement double precision,
  stems text[] not null,
  embedding bytea not null
);
create index signals_idea on signals (idea_id, position);
create index signals_source_engagement on signals (source, captured_at desc) where engagement is not null;
create index signals_stems on signals using gin (stems);
create index signals_captured_at on signals (captured_at);

-- Versions of the weights, in ten-thousandths. A version is never changed, because scores were made with it.
create table weights (
  version integer primary key,
  shares jsonb not null,
  reason text not null,
  created_at timestamptz not null default now()
);
insert into weights (version, shares, reason) values (
  1,
  '{"freshness": 3500, "engagement": 3000, "novelty": 1500, "communityFit": 1000, "seasonality": 1000}',
  'initial'
);

-- Every score with everything it was made from. Instants inside the inputs are text, as the pure function takes them.
create table scores (
  idea_id uuid not null references ideas (id) on delete cascade,
  revision integer not null,
  score double precision not null,
  breakdown jsonb not null,
  weights_version integer not null references weights (version),
  as_of timestamptz not null,
  inputs jsonb not null,
  phrase text not null,
  copy jsonb not null,
  topics text[] not null,
  safety jsonb not null,
  primary key (idea_id, revision)
);
