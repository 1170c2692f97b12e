# The doors to the project: make run, test, test-heavy, fuzz, mutate, bench, bench-growth, bench-memory, soak, bench-audit, drill, check, check-deploy, audit-deps, docs, screenshots, render, sbom.
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
DEPLOY := .venv-deploy
PRODUCTION := .venv-production
PYTHON_FOR_BENCH ?= $(BIN)/python

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

$(DEPLOY)/.installed: requirements-deploy.lock
	test -x $(DEPLOY)/bin/python || $(PYTHON) -m venv $(DEPLOY)
	$(DEPLOY)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-deploy.lock
	touch $@

$(PRODUCTION)/.installed: requirements-production.lock $(DEPLOY)/.installed
	$(PYTHON) -m venv --without-pip --clear $(PRODUCTION)
	$(DEPLOY)/bin/pip --python $(PRODUCTION)/bin/python install --quiet --disable-pip-version-check --require-hashes -r requirements-production.lock
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

bench: $(VENV)/.installed-dev ## measure calls beside floors, a few minutes; BENCH=--write keeps docs/performance.md; PYTHON_FOR_BENCH for another Python
	$(PYTHON_FOR_BENCH) -m tests.bench $(BENCH)

bench-growth: $(VENV)/.installed-dev ## how the cost of a call grows, with plots; some ten minutes and 10 GB; BENCH=--write keeps docs/performance-growth.md
	$(PYTHON_FOR_BENCH) -m tests.bench.growth $(BENCH)

CALLS ?= 10000
bench-memory: $(VENV)/.installed-dev ## CALLS (10000) of 5 MB; fails when memory grows; some 20 minutes; BENCH=--write keeps docs/performance-memory.md
	$(PYTHON_FOR_BENCH) -m tests.bench.memory --calls $(CALLS) $(BENCH)

MINUTES ?= 45
soak: $(VENV)/.installed-dev ## hold the service at 70 % of what it can do; fails when memory or descriptors grow; BENCH=--write keeps docs/performance-soak.md
	$(PYTHON_FOR_BENCH) -m tests.bench.soak --minutes $(MINUTES) $(BENCH)

bench-audit: $(VENV)/.installed-dev ## fill, index, search and verify an audit log of a million entries; about 20 minutes and 10 GB
	$(BIN)/python -m tests.bench_audit

drill: $(VENV)/.installed-dev ## back up, restore and verify an audit log, on SQLite and on a PostgreSQL of its own
	$(BIN)/python -m tests.drill

check: $(VENV)/.installed-dev check-deploy ## lint, types, import contracts, stale docs, deploy/
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tests.print_docs --check

check-deploy: $(VENV)/.installed-dev $(DEPLOY)/.installed ## deploy/ against its checkers (set up once: half a minute, 0.5 GB), and the licences
	$(DEPLOY)/bin/python -m tests.check_deploy

audit-deps: $(DEPLOY)/.installed ## known vulnerabilities of what is shipped; needs the network, and fails when not every package was looked up
	$(DEPLOY)/bin/python -m tests.audit_deps

render: $(VENV)/.installed-dev $(DEPLOY)/.installed ## make deploy/kubernetes.yaml and docs/licences.md anew
	$(DEPLOY)/bin/python -m tests.check_deploy --write

sbom: $(PRODUCTION)/.installed ## make the bill of materials anew
	$(DEPLOY)/bin/cyclonedx-py environment --output-reproducible --short-PURLs --pyproject pyproject.toml -o cds_hooks/sbom.cdx.json $(PRODUCTION)/bin/python

docs: $(VENV)/.installed-dev ## print docs/rules.md and docs/cards.md from the rule table and its worked examples
	$(BIN)/python -m tests.print_docs

screenshots: $(VENV)/.installed-dev ## take the pictures of the documents anew; needs Chromium
	$(BIN)/python -m tests.screenshots

lock: $(VENV)/.installed-dev ## make the lock files anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url pyproject.toml requirements-build.in -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --group dev -c requirements.lock pyproject.toml requirements-build.in -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --extra postgres --extra otel -c requirements-dev.lock pyproject.toml -o requirements-production.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -c requirements.lock requirements-build.in -o requirements-build.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url requirements-deploy.in -o requirements-deploy.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url requirements-peers.in -o requirements-peers.lock

.PHONY: help run test peers test-heavy fuzz mutate bench bench-growth bench-memory soak bench-audit drill check check-deploy audit-deps render sbom docs screenshots lock
