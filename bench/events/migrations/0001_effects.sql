-- What the handlers of all participants write. No constraint forbids a second effect, so that one would be seen.
create table effects (
  seq bigint generated always as identity primary key,
  event_id uuid not null,
  idea_id uuid not null,
  number integer not null,
  published_at timestamptz not null
);
