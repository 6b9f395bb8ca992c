#!/usr/bin/env bash
# `make test`: checks, then the suite on SQLite and on PostgreSQL, races on both, the real browser last.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh test
scripts/check.sh

export LINGGONG_DATA; LINGGONG_DATA=$(mktemp -d)
trap 'rm -rf "$LINGGONG_DATA"' EXIT
mkdir -p var/mission; rm -f var/mission/*.json
py=".venv/bin/python -m pytest"
quick='not browser and not race and not slow'
both='-n 2 --dist worksteal'
step() { printf '\033[1mtest: %s\033[0m\n' "$1"; }

step "fast suite, SQLite"
LINGGONG_MISSION=var/mission/fast-sqlite.json $py -m "$quick" $both
step "races and crashes, SQLite"
LINGGONG_TEST_DB_FILE=1 LINGGONG_MISSION=var/mission/race-sqlite.json $py -m "race or slow" $both
step "fast suite, PostgreSQL"
LINGGONG_MISSION=var/mission/fast-postgres.json scripts/postgres.sh $py -m "$quick" $both
step "races and crashes, PostgreSQL"
LINGGONG_MISSION=var/mission/race-postgres.json scripts/postgres.sh $py -m race $both
step "browser"
LINGGONG_TEST_DB_FILE=1 LINGGONG_MISSION=var/mission/browser.json $py -m browser $both
python3 scripts/mission.py | tail -n 1
