-- No unique key on purpose: a second effect of one event must show.
create table effects (
  seq bigint generated always as identity primary key,
  event_id uuid,
  idea_id text not null,
  views integer not null,
  member text not null
);
