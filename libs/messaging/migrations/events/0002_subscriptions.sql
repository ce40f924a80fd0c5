-- Which types each group handles, so that the length of a queue can be told by type.
create table subscriptions (
  group_name text not null,
  type text not null,
  -- When a member of the group last began with it; a type that nobody handles any more is forgotten.
  seen_at timestamptz not null,
  primary key (group_name, type)
);
