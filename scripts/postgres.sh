#!/bin/sh
# Make sure that PostgreSQL's programs are there, for the tests of the ledger on a real server (which they start themselves).
set -eu
for initdb in /usr/lib/postgresql/*/bin/initdb; do
  [ -x "$initdb" ] && exit 0
done
command -v initdb >/dev/null 2>&1 && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "postgres: install PostgreSQL 15 or newer and run this again" >&2
  exit 1
fi
become=""
[ "$(id -u)" = 0 ] || become="sudo"
echo "postgres: installing Debian's package postgresql"
# Without a server of its own: the tests make theirs, in a folder that they remove.
[ -e /etc/postgresql-common/createcluster.conf ] || {
  $become mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" | $become tee /etc/postgresql-common/createcluster.conf >/dev/null
}
$become apt-get update -qq
DEBIAN_FRONTEND=noninteractive $become apt-get install -y -qq --no-install-recommends \
  -o Dpkg::Options::=--force-confold postgresql >/dev/null
