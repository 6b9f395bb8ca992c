#!/usr/bin/env bash
# What can be seen without running the product: style, types, floors, templates, migrations, locks.
set -euo pipefail
cd "$(dirname "$0")/.."
export LINGGONG_MODE=test LINGGONG_DATA="${LINGGONG_DATA:-$(mktemp -d)}"
bin=.venv/bin
step() { printf '\033[1mcheck: %s\033[0m\n' "$1"; }

step "ruff";        $bin/ruff check . ; $bin/ruff format --check -q . || { $bin/ruff format --check . | tail -20; exit 1; }
step "floors";      PYTHONPATH=. $bin/lint-imports --no-cache 2>&1 | tail -12; test "${PIPESTATUS[0]}" = 0
step "types";       $bin/mypy --no-error-summary
step "templates";   $bin/djlint linggong/web/templates --lint --quiet
step "migrations";  $bin/python manage.py makemigrations --check --dry-run >/dev/null || { echo "models and migrations differ" >&2; exit 1; }
step "settings";    $bin/python manage.py check >/dev/null
step "locks";       ! grep -n '://' requirements.lock requirements-dev.lock; ! grep -n '"resolved"' package-lock.json
