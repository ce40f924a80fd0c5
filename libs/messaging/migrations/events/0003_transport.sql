-- Which transport the installation is on, in one row. Relays look at it in the statement that takes events from an outbox.
create table transport (
  single boolean primary key default true check (single),
  kind text not null check (kind in ('postgres', 'kafka')),
  -- While a cut-over drains the log, relays append nothing: events wait in their outboxes.
  held boolean not null default false,
  changed_at timestamptz not null default clock_timestamp()
);
-- An installation from before this table runs on its log; a new one takes what its first service is configured for.
insert into transport (kind) select 'postgres' where exists (select from offsets) or exists (select from log);
