#!/usr/bin/env bash
# Builds what Binder would build, in an empty environment beside this one, and runs all notebooks under 1.5 GB.
# Needs Python 3.12 (PYTHON names another command for it) and the network; takes minutes, so no test calls it.
set -euo pipefail
cd "$(dirname "$0")/.."

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3.12}" -m venv "$place/env"
export PATH="$place/env/bin:$PATH" XDG_CACHE_HOME="$place/cache"
binder/postBuild
python -m pip install --quiet nbconvert
for notebook in notebooks/*.ipynb; do
  # The largest set of pages that any of its processes ever had, in kB, stands in the last line.
  python - "$notebook" "$place" <<'PY'
import resource, subprocess, sys

notebook, place = sys.argv[1:]
run = ["jupyter", "nbconvert", "--to", "notebook", "--execute", notebook, "--output-dir", place]
subprocess.run(run, check=True, capture_output=True)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
print(f"{notebook}: at most {peak:.2f} GB")
sys.exit(peak > 1.5)
PY
done
