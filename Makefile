# Everything sets itself up in .venv; `make test PYTHON=python3.12` takes that Python.
ASK := import sys, venv, ensurepip; v = sys.version_info[:2]; print("%d.%d" % v) if (3, 11) <= v < (3, 14) else exit(1)
FOUND := $(shell for p in $(or $(PYTHON),.venv/bin/python python3.11 python3.12 python3.13 python3); do \
	$$p -c '$(ASK)' >/dev/null 2>&1 && echo $$p && break; done)
V := $(if $(FOUND),$(shell $(FOUND) -c '$(ASK)'),none)
# Fails if people recorded events in the demonstration after it was built (tracker/demonstration/earlier.py).
BUILT := import os, sqlite3; f = "demo/tracker.db"; n = os.path.exists(f) and sqlite3.connect(f).execute("SELECT count(*) FROM events WHERE actor NOT IN (?, ?) AND recorded_at > coalesce((SELECT json_extract(CAST(body AS TEXT), ?) FROM events WHERE stream = ?), ?)", ("demo:department", "scheduler", "$$.data.shown", "demonstration", "")).fetchone()[0]; n and exit("demo/ holds %d events recorded after it was built: kept" % n)
COMPILE := uv pip compile -q pyproject.toml --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11
.PHONY: test check prove bench demo tour bundle lock clean
.NOTPARALLEL:

test: .venv/requirements-test.lock-$(V) ## the tests, on SQLite and on a real PostgreSQL
	.venv/bin/pytest -n 2 --dist loadgroup
check: .venv/requirements-dev.lock-$(V) ## style, types, import contracts
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
prove: .venv/requirements-dev.lock-$(V) ## every test, the long proofs too, with branch coverage
	.venv/bin/pytest -n 2 -m "slow or not slow" --cov
bench: .venv/requirements-dev.lock-$(V) ## times and sizes, durable, compared with a peer
	.venv/bin/python -m benchmarks
demo: .venv/requirements.lock-$(V) ## a whole district, twelve closed months and a half inspected one, in demo/, then its pages
	if $(FOUND) -c '$(BUILT)'; then rm -rf demo; fi
	mkdir -p demo && cd demo && TRACKER_DATABASE_URL=sqlite:///tracker.db ../.venv/bin/tracker demo $(ARGS)
tour: .venv/requirements-test.lock-$(V) ## docs/tour.md and its pictures, from a demonstration; needs chromium
	.venv/bin/python -m tests.tour
bundle: .venv/requirements.lock-$(V) ## one archive in dist/ for a machine without internet
	.venv/bin/python -m deploy.bundle
lock: ## the three lock files from pyproject.toml; needs uv; newer versions with ARGS=--upgrade
	$(COMPILE) $(ARGS) --group test --group check --group bench -o requirements-dev.lock
	$(COMPILE) --group test -c requirements-dev.lock -o requirements-test.lock
	$(COMPILE) --group build -c requirements-dev.lock -o requirements.lock
clean: ## back to a fresh clone
	if [ -n "$(FOUND)" ] && $(FOUND) -c '$(BUILT)'; then rm -rf demo; fi
	rm -rf .venv build dist *.egg-info .coverage* .hypothesis .*_cache

.venv/bin/python$(V):
	@test -n "$(FOUND)" || { echo "Python 3.11, 3.12 or 3.13 with its venv module is needed: install one, or name it: make PYTHON=python3.12" >&2; exit 1; }
	rm -rf .venv && $(FOUND) -m venv .venv || { rm -rf .venv; exit 1; }
.venv/%.lock-$(V): %.lock pyproject.toml | .venv/bin/python$(V)
	.venv/bin/pip install -q --disable-pip-version-check --no-deps --require-hashes -r $<
	.venv/bin/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
