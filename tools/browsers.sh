#!/usr/bin/env bash
# Makes sure that there are browsers for the tests: Chromium (one that is here, Debian's, or Playwright's) and Firefox
# (one that is here, or Debian's). A person may do without Firefox, and its tests then say that they were left out.
set -euo pipefail

# Whether one of some programs is here.
have() {
  for name in "$@"; do command -v "$name" >/dev/null && return 0; done
  return 1
}

# Installs a package with apt-get, where this user may.
debian() {
  local as_root=() log
  if [ "$(id -u)" != 0 ]; then as_root=(sudo -n); fi
  command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null || return 1
  echo "installing $1 with apt-get"
  log="$(mktemp)"
  if "${as_root[@]}" apt-get update -qq >"$log" 2>&1 &&
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq "$1" >>"$log" 2>&1; then
    return 0
  fi
  tail -20 "$log" >&2
  return 1
}

if [ -n "${NEURONWIDGET_CHROMIUM:-}" ]; then
  test -x "$NEURONWIDGET_CHROMIUM"
elif ! have chromium chromium-browser google-chrome && ! debian chromium; then
  echo "asking Playwright for its own Chromium"
  "${VENV:-.venv}/bin/python" -m playwright install chromium
fi

if [ -n "${NEURONWIDGET_FIREFOX:-}" ]; then
  test -x "$NEURONWIDGET_FIREFOX"
elif ! have firefox-esr firefox && ! debian firefox-esr; then
  if [ -n "${CI:-}" ]; then
    echo "there is no Firefox, and CI tests in one" >&2
    exit 1
  fi
  echo "there is no Firefox here: its tests are left out"
fi
