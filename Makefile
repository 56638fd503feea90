# `make demo` to look, `make page` to look at the views alone, `make test` for everything, `make check` while working.

VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
BENCHMARKS := capture others reuse edits patterns groups attach frame_size startup live_loop slider atlas_beside scan ray_scan \
	atlas_open atlas_size pattern_frames compare
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt
PYTEST := $(BIN)/python -m pytest
export NEURONWIDGET_NO_BROWSER
# Tests are several processes on few cores: a thread of torch that waits for another one must not keep it from running.
unit planted postgres lens cluster kernel browser: export OMP_WAIT_POLICY := PASSIVE

.PHONY: demo page sweeps planted-long test check bench bundle lint js bundle-fresh unit planted postgres cluster lens kernel browser \
	browsers clean

# ---- for people ------------------------------------------------------------------------------------------

demo: $(VENV)/demo.stamp
	$(BIN)/jupyter lab --Application.log_level=WARN --LabApp.default_url=/lab/tree/notebooks/00_quickstart.ipynb \
	  $(if $(filter 0,$(shell id -u)),--allow-root) $(if $(NEURONWIDGET_NO_BROWSER),--no-browser)

# Every view without Jupyter, over a kernel in the page.
page: js/node_modules/.package-lock.json
	cd js && npm run --silent dev

# Browsers, kernels and clusters wait for much of their time, so two of the last parts run side by side, and what was planted
# beside them; what each says comes when it has ended. The other unit tests have both cores to themselves.
test:
	@failed=0; \
	$(MAKE) --keep-going lint js bundle-fresh || failed=1; \
	$(MAKE) --keep-going unit || failed=1; \
	$(MAKE) --keep-going --jobs 2 --output-sync browser kernel cluster lens postgres planted || failed=1; \
	exit $$failed

# The part that needs neither Jupyter nor Chromium.
check: lint js unit planted

# Tests that draw what they try: ten times the seeds, and other examples at every run; takes long.
sweeps: $(VENV)/dev.stamp
	NEURONWIDGET_SWEEPS=10 $(PYTEST) tests/hostile/test_atlas_damage.py tests/hostile/test_atlas_kill.py
	for run in $$(seq 10); do NEURONWIDGET_SWEEPS=1 $(PYTEST) -m hypothesis || exit 1; done

# What was planted is found, and what is promised holds, with twenty times the seeds; takes long.
planted-long: $(VENV)/dev.stamp
	NEURONWIDGET_SWEEPS=20 $(PYTEST) tests/live/test_edits_leave_nothing.py \
	  $$(grep --files-with-matches "import seeds" tests/planted/*.py)

# `make bench` on a quiet machine; each file prints rows for benchmarks/RESULTS.md.
bench: $(VENV)/dev.stamp browsers
	@for name in $(BENCHMARKS); do echo "## $$name"; $(BIN)/python -m benchmarks.$$name || exit 1; done

bundle: js/node_modules/.package-lock.json
	cd js && npm run --silent build

clean:
	rm -rf $(VENV) .cache js/node_modules tests/browser/shots

# ---- parts of `make test` --------------------------------------------------------------------------------

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

js: js/node_modules/.package-lock.json
	cd js && npm run --silent check
	cd js && npm run --silent test

# The committed bundle is what users install: it must be what the sources give.
bundle-fresh: js/node_modules/.package-lock.json
	@was="$$(sha256sum neuronwidget/static/*)" && $(MAKE) --no-print-directory bundle && \
	  if ! echo "$$was" | sha256sum --check --quiet; then \
	    echo "neuronwidget/static was stale and is built anew: commit it." >&2; exit 1; fi

unit: $(VENV)/dev.stamp # two processes, a file of tests each: they share nothing but the processor
	$(PYTEST) -n 2 --dist loadfile --ignore=tests/planted -m "not postgres and not lens and not kernel and not browser and not cluster"

planted: $(VENV)/dev.stamp
	$(PYTEST) tests/planted

postgres: $(VENV)/dev.stamp
	@bash tools/postgres.sh
	$(PYTEST) -m postgres

lens: $(VENV)/dev.stamp
	@$(BIN)/python tools/beside.py lens
	PYTHONPATH=$(CURDIR)/.cache/lens $(PYTEST) -m lens tests/live tests/export

cluster: $(VENV)/dev.stamp
	$(PYTEST) -m cluster

kernel: $(VENV)/dev.stamp
	@$(BIN)/python tools/beside.py kernels
	$(PYTEST) -m kernel

browser: $(VENV)/dev.stamp
	@bash tools/browsers.sh
	$(PYTEST) -m browser

# ---- what they stand on ----------------------------------------------------------------------------------

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/demo.stamp: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing into $(VENV); torch and JupyterLab are most of it, and pip is silent for some minutes"
	@$(PIP) --editable . jupyterlab
	@touch $@

$(VENV)/dev.stamp: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing what tests need into $(VENV); pip is silent for some minutes"
	@$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/demo.stamp

js/node_modules/.package-lock.json: js/package.json js/package-lock.json
	cd js && npm ci --silent --no-audit --no-fund
	@touch $@

browsers:
	@bash tools/browsers.sh
