-- Makes the hashes of authors, addresses and titles the installation's own: one row, never changed.
create table installation_key (
  only_row boolean primary key default true check (only_row),
  value text not null
);
insert into installation_key (value) values (gen_random_uuid()::text || gen_random_uuid()::text);

create table ingestions (
  id uuid primary key,
  source text not null,
  received_at timestamptz not null
);
create index ingestions_received_at on ingestions (received_at);

create table signals (
  id uuid primary key,
  ingestion_id uuid not null references ingestions (id) on delete cascade,
  source text not null,
  external_id text,
  title text not null,
  summary text not null,
  url text,
  topics text[] not null,
  published_at timestamptz,
  captured_at timestamptz not null,
  engagement double precision,
  author_key text,
  -- A signal is new when none of its keys is taken. The title's key is given back after 30 days.
  external_key text,
  url_key text,
  title_key text
);
create unique index signals_external_key on signals (external_key);
create unique index signals_url_key on signals (url_key);
create unique index signals_title_key on signals (title_key);
create index signals_page on signals (captured_at desc, id desc);
create index signals_ingestion_id on signals (ingestion_id);
create index signals_author_key on signals (author_key) where author_key is not null;

create table ingestion_items (
  ingestion_id uuid not null references ingestions (id) on delete cascade,
  index integer not null,
  external_id text,
  title text,
  result text not null check (result in ('accepted', 'duplicate', 'rejected')),
  signal_id uuid,
  rule text,
  url_key text,
  author_key text,
  primary key (ingestion_id, index)
);
create index ingestion_items_signal_id on ingestion_items (signal_id) where signal_id is not null;
create index ingestion_items_url_key on ingestion_items (url_key) where url_key is not null;
create index ingestion_items_author_key on ingestion_items (author_key) where author_key is not null;

-- Hashes of addresses and authors that were erased: what they wrote is not taken in again.
create table erasures (
  key text primary key,
  erased_at timestamptz not null default now()
);

create table sources (
  id uuid primary key,
  url text not null unique,
  every_minutes integer not null check (every_minutes >= 5),
  created_at timestamptz not null default now(),
  next_poll_at timestamptz not null default now(),
  failures integer not null default 0,
  etag text,
  last_modified text,
  last_polled_at timestamptz,
  last_outcome text check (last_outcome in ('ingested', 'unchanged', 'failed')),
  last_error text,
  last_ingestion_id uuid
);
create index sources_next_poll_at on sources (next_poll_at);
