#!/usr/bin/env bash
# Sets up what `make run` (argument: run) or `make test` (argument: test) needs. Does nothing twice; asks nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-run}

say() { printf '\033[2m· %s\033[0m\n' "$*"; }
debian() { # install Debian packages, as root or through sudo; say which when neither works
  if [ "$(id -u)" = 0 ]; then run=""; elif sudo -n true 2>/dev/null; then run="sudo -n"; else
    echo "Please install these Debian packages once: apt-get install $*" >&2; exit 1; fi
  say "installing Debian packages: $*"
  $run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null 2>&1 || {
    $run apt-get update -qq && $run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null; }
}

command -v npm >/dev/null || debian npm
lock=requirements.lock; [ "$what" = test ] && lock=requirements-dev.lock
stamp=.stamp-$what-$(cat "$lock" | sha256sum | cut -c1-12)
if [ ! -x .venv/bin/python ]; then
  say "making a Python environment in .venv"
  python3 -m venv .venv 2>/dev/null || { rm -rf .venv; debian python3-venv; python3 -m venv .venv; }
fi
if [ ! -e "$stamp" ]; then
  say "installing Python packages from $lock"
  .venv/bin/python -m pip install -q --disable-pip-version-check uv==0.13.9 2>/dev/null
  UV_PYTHON_DOWNLOADS=never .venv/bin/uv pip install -q --python .venv/bin/python --require-hashes -r "$lock"
  rm -f .stamp-"$what"-*; touch "$stamp"
fi
assets=.stamp-assets-$(sha256sum package-lock.json | cut -c1-12)
if [ ! -e "$assets" ] || [ ! -d node_modules ]; then
  say "fetching browser assets"
  npm ci --silent >/dev/null
  rm -f .stamp-assets-*; touch "$assets"
fi
.venv/bin/python scripts/assets.py
if [ "$what" = test ]; then
  command -v chromium >/dev/null || debian chromium fonts-noto-cjk
  fc-list 2>/dev/null | grep -qi 'noto.*cjk' || debian fonts-noto-cjk fontconfig
  if [ -z "$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ]; then
    # No cluster of Debian's own: the tests start a throw-away one.
    [ "$(id -u)" = 0 ] && mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
    debian postgresql
  fi
fi
