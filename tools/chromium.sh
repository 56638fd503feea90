#!/usr/bin/env bash
# Makes sure there is a Chromium for the browser tests: one that is here, Debian's, or Playwright's.
set -euo pipefail

[ -n "${NEURONWIDGET_CHROMIUM:-}" ] && exec test -x "$NEURONWIDGET_CHROMIUM"
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null && exit 0
done

as_root=()
if [ "$(id -u)" != 0 ]; then as_root=(sudo -n); fi
if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
  echo "installing chromium with apt-get"
  log="$(mktemp)"
  if "${as_root[@]}" apt-get update -qq >"$log" 2>&1 &&
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq chromium >>"$log" 2>&1; then
    exit 0
  fi
  tail -20 "$log" >&2
fi

echo "asking Playwright for its own Chromium"
exec "${VENV:-.venv}/bin/python" -m playwright install chromium
