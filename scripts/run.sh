#!/usr/bin/env bash
# `make run`: sets up, then starts everything under one supervisor. Ctrl-C ends it all.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh run
if [ "${DEMO:-1}" = 0 ]; then
  export LINGGONG_MODE=live LINGGONG_MAKE_KEYS=1 LINGGONG_HTTPS=0 LINGGONG_DATA="${LINGGONG_DATA:-$PWD/var/county}"
else
  export LINGGONG_MODE=demo LINGGONG_DATA="${LINGGONG_DATA:-$PWD/var/demo}"
fi
exec .venv/bin/python manage.py up
