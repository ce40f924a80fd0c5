-- The log of the `postgres` transport, shared by all services of one installation. Only messaging reads and writes it.

create table partitions (
  partition integer primary key,
  -- Position of the newest record; it outlives the record.
  head bigint not null default 0
) with (fillfactor = 50);
-- Eight for good: a key's partition is its hash modulo this number.
insert into partitions (partition) select generate_series(0, 7);

create table log (
  partition integer not null,
  -- Appenders hold the partition's lock until they commit, so positions become visible in order and without gaps.
  position bigint not null,
  type text not null,
  envelope json not null,
  -- When the event was written to the outbox.
  recorded_at timestamptz not null,
  appended_at timestamptz not null default clock_timestamp(),
  primary key (partition, position)
);

create table members (
  group_name text not null,
  member_id uuid not null,
  expires_at timestamptz not null,
  primary key (group_name, member_id)
);

-- How far each group is in each partition, and which member may move it.
create table offsets (
  group_name text not null,
  partition integer not null references partitions,
  position bigint not null default 0,
  -- Fencing: grows with every new owner, and an owner moves the position only under its own epoch.
  epoch bigint not null default 0,
  owner uuid,
  leased_until timestamptz,
  primary key (group_name, partition)
) with (fillfactor = 50);
