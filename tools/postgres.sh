#!/usr/bin/env bash
# Makes sure there are the programs of a Postgres for the tests of exported files: those that are here, or Debian's.
set -euo pipefail

command -v initdb >/dev/null && command -v pg_ctl >/dev/null && command -v psql >/dev/null && exit 0
for folder in /usr/lib/postgresql/*/bin; do
  [ -x "$folder/initdb" ] && [ -x "$folder/psql" ] && exit 0
done

as_root=()
if [ "$(id -u)" != 0 ]; then as_root=(sudo -n); fi
if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
  echo "There is no Postgres: install one, with initdb, pg_ctl and psql on PATH." >&2
  exit 1
fi
echo "installing postgresql with apt-get"
log="$(mktemp)"
if ! { "${as_root[@]}" apt-get update -qq &&
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq postgresql; } >"$log" 2>&1; then
  tail -20 "$log" >&2
  exit 1
fi
