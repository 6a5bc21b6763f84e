# What people type here. `make run` and `make test` need nothing but Python 3.11, git and make.
#   make run            a demo practice on http://127.0.0.1:8000 (PORT=8123 make run: on another port)
#   make test           the whole suite, on SQLite and on PostgreSQL, with a real browser
#   make test ARGS=…    the same, with pytest's own arguments: ARGS="-k sign_in -x"
#   make check          lint, types and layers;  make lock  after a change of dependencies
PY ?= python3
PORT ?= 8000
ARGS ?=

VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:

.PHONY: run test coverage screens bench check lint types layers audit format lock
.DEFAULT_GOAL := run

# The stamps make a warm start quick: nothing is installed again until its list of versions changes.
$(PYTHON):
	sh scripts/bootstrap.sh venv $(PY)

$(VENV)/.run: requirements.txt | $(PYTHON)
	$(INSTALL) -r requirements.txt
	touch $@

$(VENV)/.paper: $(VENV)/.run scripts/bootstrap.sh practice/paper/press.py
	sh scripts/bootstrap.sh paper
	touch $@

# The development list holds the other one, at the same versions. Python compiles what is used of it when it is used.
$(VENV)/.dev: requirements-dev.txt requirements.txt | $(PYTHON)
	$(INSTALL) --no-compile -r requirements-dev.txt
	touch $(VENV)/.run $@

$(VENV)/.browser: $(VENV)/.dev $(VENV)/.paper scripts/bootstrap.sh
	sh scripts/bootstrap.sh browser
	touch $@

run: $(VENV)/.run $(VENV)/.paper
	$(PYTHON) manage.py demo
	exec $(PYTHON) manage.py serve --port $(PORT)

test: $(VENV)/.browser
	$(PYTHON) -m tests $(ARGS)

# Reads what `make test ARGS=--coverage` measured.
coverage: $(VENV)/.dev
	$(PYTHON) scripts/coverage_floor.py

screens: $(VENV)/.browser
	$(PYTHON) -m tests.browser.screens

bench: $(VENV)/.dev
	$(PYTHON) -m bench $(ARGS)

check: lint types layers

lint: $(VENV)/.dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	git ls-files -z -- '*.html' | xargs -0 -r $(VENV)/bin/djade --check
	git ls-files -z -- '*.html' | xargs -0 -r $(VENV)/bin/djlint --quiet --lint

types: $(VENV)/.dev
	$(PYTHON) -m mypy .

layers: $(VENV)/.dev
	$(VENV)/bin/lint-imports --no-logo

# Asks a public list of known holes; not part of `check`, which needs no network.
audit: $(VENV)/.dev
	$(VENV)/bin/pip-audit --require-hashes --disable-pip --requirement requirements.txt

format: $(VENV)/.dev
	$(PYTHON) -m ruff check --fix-only .
	$(PYTHON) -m ruff format .
	git ls-files -z -- '*.html' | xargs -0 -r $(VENV)/bin/djade

# Versions and hashes, no addresses: each machine's own package index serves them.
# uv is in no list: only whoever changes dependencies needs its 60 MB.
COMPILE := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: $(VENV)/.dev
	$(PYTHON) -m pip install --quiet uv
	$(COMPILE) pyproject.toml --output-file requirements.txt
	$(COMPILE) pyproject.toml --extra dev --constraint requirements.txt --output-file requirements-dev.txt
