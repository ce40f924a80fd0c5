#!/bin/sh
# The first start of the official PostgreSQL images: a cluster, a database, the scripts of /docker-entrypoint-initdb.d while the
# server listens on its socket alone. Whoever comes over TCP needs a password.
set -eu

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  printf %s "$POSTGRES_PASSWORD" > /tmp/password
  initdb --pgdata "$PGDATA" --username postgres --pwfile /tmp/password --auth-local trust --auth-host scram-sha-256
  rm /tmp/password
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  pg_ctl --pgdata "$PGDATA" --wait --options '-c listen_addresses=' start
  createdb --username postgres "$POSTGRES_DB"
  for script in /docker-entrypoint-initdb.d/*.sh; do sh "$script"; done
  pg_ctl --pgdata "$PGDATA" --wait --mode fast stop
fi
exec postgres -c 'listen_addresses=*'
