-- The built-in marketplace. It knows nothing of ideas and commands: a SKU is what its customers name their listings by.
create table images (
  hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
  media_type text not null,
  content bytea not null check (octet_length(content) between 1 and 2097152),
  stored_at timestamptz not null default now()
);

create table listings (
  id uuid primary key default gen_random_uuid(),
  -- Order of the gallery and of pages through the API.
  position bigint generated always as identity unique,
  sku text not null unique,
  title text not null,
  description text not null,
  tags jsonb not null,
  product text not null,
  price_minor integer not null check (price_minor > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  image_hash text not null references images,
  published_at timestamptz not null,
  views integer not null default 0,
  favourites integer not null default 0,
  sales integer not null default 0
);
create index listings_image on listings (image_hash);
