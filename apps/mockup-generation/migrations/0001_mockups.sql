-- One row per command; the command's id names its meaning, so a repeated command finds its row.
create table mockups (
  command_id text primary key check (command_id ~ '^[0-9a-f]{64}$'),
  idea_id uuid not null,
  attempt integer not null check (attempt > 0),
  phrase text not null,
  topics jsonb not null,
  products jsonb not null,
  state text not null default 'pending' check (state in ('pending', 'generated', 'failed')),
  template text,
  palette text,
  design jsonb,
  previews jsonb,
  failure_code text,
  failure_message text,
  requested_at timestamptz not null,
  finished_at timestamptz,
  check ((state = 'generated') = (design is not null and previews is not null)),
  check ((state = 'failed') = (failure_code is not null)),
  check ((state = 'pending') = (finished_at is null))
);

create index mockups_idea on mockups (idea_id, attempt desc);

-- What lies in the file store. A file without a row is a crash's leftover and harmless: the next run writes the row.
create table files (
  hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
  media_type text not null,
  bytes bigint not null check (bytes > 0),
  width integer not null,
  height integer not null,
  stored_at timestamptz not null default now()
);
