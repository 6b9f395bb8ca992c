#!/usr/bin/env bash
# Clones HEAD into an empty folder and runs the README's two commands there, so that a missing install step shows.
set -euo pipefail
set -m # a group of its own for make run, so that one Ctrl-C can be sent to all of it, as a terminal would
cd "$(dirname "$0")/.."
top=$PWD
place=$(mktemp -d)
trap '[ -z "${up:-}" ] || kill -KILL -- "-$up" 2>/dev/null || true; rm -rf "$place"' EXIT
git clone -q . "$place/linggong"
cd "$place/linggong"
[ -d "$top/../shared/data" ] && export LINGGONG_DEVDATA="${LINGGONG_DEVDATA:-$top/../shared/data}"
echo "fresh: make run"
started=$(date +%s)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
PORT=$port make run >run.log 2>&1 &
up=$!
for _ in $(seq 1 300); do
  if curl -fs "http://127.0.0.1:$port/" -o page.html 2>/dev/null; then break; fi
  kill -0 $up 2>/dev/null || { cat run.log; echo "fresh: make run ended before the first page" >&2; exit 1; }
  sleep 1
done
grep -q '找活' page.html || { cat run.log; echo "fresh: no page after 300 s" >&2; exit 1; }
echo "fresh: first page after $(( $(date +%s) - started )) s"
kill -INT -- "-$up"
for _ in $(seq 1 20); do kill -0 -- "-$up" 2>/dev/null || break; sleep 1; done
if kill -0 -- "-$up" 2>/dev/null; then echo "fresh: something of make run outlived its Ctrl-C" >&2; exit 1; fi
up=
started=$(date +%s)
PORT=$port make run >warm.log 2>&1 &
up=$!
until curl -fs "http://127.0.0.1:$port/" -o /dev/null 2>/dev/null; do kill -0 $up || { cat warm.log; exit 1; }; sleep 0.2; done
echo "fresh: warm start, first page after $(( $(date +%s) - started )) s"
kill -INT -- "-$up"; wait "$up" || true
up=
echo "fresh: make test"
make test
echo "fresh: passed"
