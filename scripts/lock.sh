#!/bin/sh
# Renew the lock files: names, versions and hashes for every platform, no download address.
set -eu
cd "$(dirname "$0")/.."
options="--universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --quiet --no-header"
printf 'setuptools>=80\n' > .venv/build.in
# shellcheck disable=SC2086 # a list of options, on purpose
uv pip compile $options pyproject.toml .venv/build.in --output-file requirements.lock
# shellcheck disable=SC2086
uv pip compile $options pyproject.toml .venv/build.in --group dev --constraints requirements.lock --output-file requirements-dev.lock
