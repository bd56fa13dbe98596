# The same recipes serve people, pre-commit and CI. `make help` lists them.
# Needed on the machine: make and Python 3.11 or newer (with venv). Everything else goes into .venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet install -c constraints.txt
TESTS ?=
PYTEST ?= $(PY) -m pytest -n auto --maxprocesses 8 --dist loadgroup
BENCH ?=

.DEFAULT_GOAL := help
.PHONY: help run test lint format docs docs-check bench bench-screen bench-simulate bench-serve constraints clean

help: ## list the recipes
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort | while IFS="$$(printf '\t')" read -r name what; do \
		printf '%-12s %s\n' "$$name" "$$what"; done

run: $(VENV)/.base ## set up, then answer for a bundled example
	@$(BIN)/posology check naltrexone examples/fibromyalgia-on-tramadol.json --for chronic-pain --on 2026-11-22

test: $(VENV)/.dev ## set up, then run all tests (TESTS='tests/spec -k age' for some)
	@$(PYTEST) $(TESTS)

lint: $(VENV)/.dev ## formatting, style, types, layers, and the knowledge itself
	$(BIN)/ruff format --check --output-format concise .
	$(BIN)/ruff check --output-format concise .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/posology monograph lint

format: $(VENV)/.dev ## format the code and fix what can be fixed without judgement
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

docs: $(VENV)/.dev ## write the generated docs: manual chapter, JSON Schema, validation page, examples in README
	$(PY) -m tests.spec.generate
	$(PY) -m posology.show.schema
	$(PY) -m posology.show.validation
	$(PY) docs/refresh.py

docs-check: $(VENV)/.dev ## fail if a generated part of README.md or docs/ is stale
	$(PY) docs/refresh.py --check
	$(PY) -m posology.show.validation --check

bench: $(VENV)/.dev ## measure, beside orjson, in one run (BENCH='--json' or '--bundle FILE...')
	@$(PY) -m bench $(BENCH)

bench-screen: $(VENV)/.dev ## measure populations, beside orjson, CQL, FHIRPath and Spark (BENCH='--patients 10000 --no-spark')
	@$(PY) -m bench.screen $(BENCH)

bench-simulate: $(VENV)/.dev ## measure simulations, beside ODE solvers where installed (BENCH='--quick'; pip install '.[bench-simulate]')
	@$(PY) -m bench.simulate $(BENCH)

bench-serve: $(VENV)/.dev ## measure the server under load, beside a bare endpoint (BENCH='--seconds 30 --workers 2')
	@$(PY) -m bench.serve $(BENCH)

constraints: ## write constraints.txt anew from a fresh environment
	rm -rf $(VENV)-fresh && $(PYTHON) -m venv $(VENV)-fresh
	$(VENV)-fresh/bin/python -m pip --disable-pip-version-check -q install '.[dev]'
	{ sed -n '/^#/p' constraints.txt; $(VENV)-fresh/bin/python -m pip --disable-pip-version-check freeze \
		| grep -v '^posology'; } > constraints.new
	mv constraints.new constraints.txt && rm -rf $(VENV)-fresh

clean: ## remove the environment and everything generated that is not committed
	rm -rf $(VENV) $(VENV)-fresh build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

$(VENV)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		f"Posology needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}. \
	Say which: make PYTHON=/path/to/python3.11")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python's venv module is missing (Debian, Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
	@touch $@

$(VENV)/.base: pyproject.toml constraints.txt | $(VENV)/.venv
	@echo 'installing into $(VENV)'
	@$(PIP) -e '.[serve]'
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	@echo 'installing what tests and checks need into $(VENV)'
	@$(PIP) -e '.[dev]'
	@touch $@
