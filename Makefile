# The doors to the project: make run, test, test-heavy, fuzz, mutate, bench, bench-audit, check, docs, screenshots.
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers

help: ## list these
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

$(PEERS)/.installed: requirements-peers.lock
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-peers.lock
	touch $@

run: $(VENV)/.installed ## set up and serve the sandbox profile on PORT (8000)
	$(BIN)/pinched-nerve-cds serve --port $(PORT)

test: $(VENV)/.installed-dev ## run the tests
	$(BIN)/python -m pytest -m "not heavy" -n auto

peers: $(PEERS)/.installed ## set up the FHIR server and the client that some tests run against

test-heavy: $(VENV)/.installed-dev ## run the long forms too, seeds printed
	PNCDS_HEAVY=1 $(BIN)/python -m pytest -n auto

fuzz: $(VENV)/.installed-dev ## 100,000 hostile bodies: no 5xx, no echo, memory flat; prints its seed
	$(BIN)/python -m tests.fuzz

mutate: $(VENV)/.installed-dev ## try 500 changes of the guidance and the readers; the tests must notice nine in ten
	$(BIN)/python -m tests.mutate

bench: $(VENV)/.installed-dev ## measure calls beside floors, a few minutes; BENCH=--write keeps docs/performance.md
	$(BIN)/python -m tests.bench $(BENCH)

bench-audit: $(VENV)/.installed-dev ## fill, index, search and verify an audit log of a million entries; about 20 minutes and 10 GB
	$(BIN)/python -m tests.bench_audit

check: $(VENV)/.installed-dev ## lint, types, import contracts, stale docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tests.print_docs --check

docs: $(VENV)/.installed-dev ## print docs/rules.md and docs/cards.md from the rule table and its worked examples
	$(BIN)/python -m tests.print_docs

screenshots: $(VENV)/.installed-dev ## take the pictures of the documents anew; needs Chromium
	$(BIN)/python -m tests.screenshots

lock: $(VENV)/.installed-dev ## make the lock files anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url pyproject.toml requirements-build.in -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --group dev -c requirements.lock pyproject.toml requirements-build.in -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url requirements-peers.in -o requirements-peers.lock

.PHONY: help run test peers test-heavy fuzz mutate bench bench-audit check docs screenshots lock
