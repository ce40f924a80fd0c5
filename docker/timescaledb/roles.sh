#!/bin/sh
# Runs once, when the database is made. Two roles besides the administrator: `signalpress` owns the database and everything that
# the services make in it; `grafana` reads the schema "monitoring" and nothing else.
set -eu

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-signalpress}" \
  --set database="${POSTGRES_DB:-signalpress}" \
  --set owner_password="$DATABASE_PASSWORD" \
  --set reader_password="$GRAFANA_DATABASE_PASSWORD" <<'SQL'
create role signalpress login password :'owner_password';
alter database :"database" owner to signalpress;
revoke all on schema public from public;

create role grafana login password :'reader_password' connection limit 10;
alter role grafana set default_transaction_read_only = on;
alter role grafana set statement_timeout = '30s';

-- The service finds its schema made and makes the tables; the reader sees them as they come.
create schema monitoring authorization signalpress;
grant usage on schema monitoring to grafana;
alter default privileges for role signalpress in schema monitoring grant select on tables to grafana;
SQL
