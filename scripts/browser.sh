#!/bin/sh
# Make sure that a Chromium or Chrome and certutil are there, for the tests in a real browser.
set -eu
missing=""
found=""
for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do
  command -v "$name" >/dev/null 2>&1 && found=yes && break
done
[ -n "$found" ] || missing="chromium"
command -v certutil >/dev/null 2>&1 || missing="$missing libnss3-tools"
command -v curl >/dev/null 2>&1 || missing="$missing curl"
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "browser: install these and run this again: $missing" >&2
  exit 1
fi
become=""
[ "$(id -u)" = 0 ] || become="sudo"
echo "browser: installing Debian's packages: $missing"
# shellcheck disable=SC2086 # a list of names, on purpose
$become apt-get update -qq && DEBIAN_FRONTEND=noninteractive $become apt-get install -y -qq --no-install-recommends $missing >/dev/null
