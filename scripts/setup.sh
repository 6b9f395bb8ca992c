#!/usr/bin/env bash
# Sets up what `make run` (argument: run) or `make test` (argument: test) needs. Does nothing twice; asks nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-run}

cannot() { echo "$1" >&2; trap - EXIT; exit 1; }
trap '[ $? = 0 ] || echo "装到一半停了，上面几行写着为什么（多半是网不通，或者盘满了）。好了再来一次：make $what，会接着装" >&2' EXIT

[ -w . ] || cannot "$PWD 写不进去（没有权限）。把项目拷到自己的文件夹里，再来：make $what"
if [ ! -w "${HOME:-/nonexistent}" ]; then # a user without a home: uv and npm keep what they fetch beside the project
  export HOME="$PWD/var/home"; mkdir -p "$HOME"
fi

say() { printf '\033[2m· %s\033[0m\n' "$*"; }
debian() { # install Debian packages, as root or through sudo; say which when neither works
  if [ "$(id -u)" = 0 ]; then run=""; elif sudo -n true 2>/dev/null; then run="sudo -n"; else
    cannot "缺 Debian 的包，请管理员装一次：apt-get install $*，装好再来：make $what"; fi
  say "installing Debian packages: $*"
  $run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null 2>&1 || {
    $run apt-get update -qq && $run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null; }
}

command -v npm >/dev/null || debian npm
lock=requirements.lock; [ "$what" = test ] && lock=requirements-dev.lock
stamp=.stamp-$what-$(cat "$lock" | sha256sum | cut -c1-12)
if [ ! -x .venv/bin/python ]; then
  # Debian's own Python is built for speed; one built by hand (pyenv) seeds the city in 70 seconds instead of 53.
  python=python3; [ -x /usr/bin/python3.11 ] && python=/usr/bin/python3.11
  say "making a Python environment in .venv"
  $python -m venv .venv 2>/dev/null || { rm -rf .venv; python3 -m venv .venv 2>/dev/null; } ||
    { rm -rf .venv; debian python3-venv; $python -m venv .venv; }
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
