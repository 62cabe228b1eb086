#!/bin/sh
# Make .venv ready: `scripts/setup.sh run` for what guardrail needs, `scripts/setup.sh dev` for tests as well.
# Says what it does; does nothing the second time.
set -eu
cd "$(dirname "$0")/.."
set_of="$1"
lock=requirements.lock
[ "$set_of" = dev ] && lock=requirements-dev.lock
stamp=".venv/.ready-$set_of"

fresh_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; }

find_python() {
  for name in python3.13 python3.14 python3.12 python3 python; do
    # pyenv's shims stand on PATH for versions that are not chosen: ask each whether it really runs.
    path=$(command -v "$name" 2>/dev/null) && fresh_enough "$path" && { echo "$path"; return; }
  done
  for path in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python; do
    [ -x "$path" ] && fresh_enough "$path" && { echo "$path"; return; }
  done
  echo "setup: no Python 3.12 or newer found on PATH or under pyenv; install one and run this again" >&2
  exit 1
}

key="$(cksum < "$lock") $(cksum < pyproject.toml)"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$key" ] && .venv/bin/python -c '' 2>/dev/null; then
  exit 0
fi
if ! .venv/bin/python -c '' 2>/dev/null; then
  python=$(find_python)
  echo "setup: making .venv with $("$python" --version)"
  rm -rf .venv
  "$python" -m venv .venv || {
    echo "setup: this Python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2
    exit 1
  }
fi
echo "setup: installing the packages of $lock (pinned, hashes checked)"
.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --requirement "$lock"
.venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
echo "$key" > "$stamp"
