-- One row per idea and marketplace: an idea has at most one listing there.
create table listings (
  id uuid primary key default gen_random_uuid(),
  command_id text not null check (command_id ~ '^[0-9a-f]{64}$'),
  idea_id uuid not null,
  marketplace text not null,
  sku text not null,
  product text not null,
  copy jsonb not null,
  preview jsonb not null,
  founding_captured_at timestamptz not null,
  held_seconds double precision not null check (held_seconds >= 0),
  state text not null default 'requested' check (state in ('requested', 'published', 'failed', 'withdrawing', 'withdrawn')),
  -- What the marketplace answered.
  listing_id text,
  url text,
  price_minor integer check (price_minor > 0),
  currency text,
  published_at timestamptz,
  withdrawn_at timestamptz,
  failure_code text,
  failure_message text,
  views integer not null default 0,
  favourites integer not null default 0,
  sales integer not null default 0,
  observed_at timestamptz,
  requested_at timestamptz not null,
  unique (idea_id, marketplace),
  unique (marketplace, sku),
  check (state <> 'published' or (listing_id is not null and published_at is not null and price_minor is not null)),
  check (state <> 'failed' or failure_code is not null)
);

create index listings_newest on listings (requested_at desc, id desc);
