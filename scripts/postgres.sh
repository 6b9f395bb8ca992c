#!/usr/bin/env bash
# Runs a command against a throw-away PostgreSQL cluster on a free port: scripts/postgres.sh COMMAND…
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
data=$(mktemp -d /tmp/lgpg.XXXXXX)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
as=""
if [ "$(id -u)" = 0 ]; then as="runuser -u postgres --"; chown postgres "$data"; fi
stop() { $as "$bin/pg_ctl" -D "$data/db" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$data"; }
trap stop EXIT
cd "$data"
$as "$bin/initdb" -D "$data/db" -U postgres --auth=trust -E UTF8 --locale=C.UTF-8 >/dev/null
$as "$bin/pg_ctl" -D "$data/db" -w -l "$data/log" -o "-p $port -k $data -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=100" start >/dev/null
cd - >/dev/null
DATABASE_URL="postgres://postgres@127.0.0.1:$port/postgres" "$@"
