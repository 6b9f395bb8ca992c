#!/usr/bin/env bash
# `make shots`: a small demo city of its own, the platform on a free port, and a picture of each main screen.
set -euo pipefail
cd "$(dirname "$0")/.."
data=$(mktemp -d)
export LINGGONG_MODE=demo LINGGONG_DATA="$data" PORT=${PORT:-8765} PYTHONUNBUFFERED=1
while (echo >"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; do PORT=$((PORT + 1)); done

.venv/bin/python manage.py migrate -v0
.venv/bin/python manage.py load_reference -v0
.venv/bin/python manage.py demo --scale 0.2 --days 3
.venv/bin/python manage.py up >"$data/up.log" 2>&1 &
up=$!
trap 'kill -INT $up 2>/dev/null; wait $up 2>/dev/null || true; rm -rf "$data"' EXIT
for _ in $(seq 120); do
  curl -fsS -o /dev/null "http://127.0.0.1:$PORT/healthz" 2>/dev/null && break
  kill -0 $up 2>/dev/null || { cat "$data/up.log" >&2; exit 1; }
  sleep 0.5
done
.venv/bin/python scripts/shots.py "http://127.0.0.1:$PORT" "$@"
