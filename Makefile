# Everything a developer or a first user needs. `make` alone lists the targets.
#
# The environment lives in .venv and is installed again only when setup.cfg or pyproject.toml change.

PORT ?= 6543
HOST ?= 127.0.0.1
DATA ?= data
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --quiet --editable

# An environment whose interpreter is gone, or that was made for a checkout elsewhere, is made anew.
ifneq ($(shell $(BIN)/python -c 'print(open("$(VENV)/checkout").read().strip())' 2>/dev/null),$(CURDIR))
STALE := stale
endif

.DEFAULT_GOAL := help
.PHONY: help run test promises check bench clean stale

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

run: $(VENV)/installed ## install and serve on loopback: PORT=6543 HOST=127.0.0.1 DATA=data
	@exec $(BIN)/pypicloud-like serve --host "$(HOST)" --port "$(PORT)" --data "$(DATA)"

# tests wait for servers and clients, so there may be one more than processors
WORKERS = $(shell $(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 1)')

test: $(VENV)/installed-for-tests ## install and run the tests: ARGS="-k upload"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope -q $(ARGS)

promises: $(VENV)/installed-for-tests ## every promise of docs/promises.md with its tests: ARGS="--list"
	@$(BIN)/python -m tests.promises $(ARGS)

check: $(VENV)/installed-for-tests ## style, types, import rules, package list
	@$(BIN)/python -m ruff check
	@$(BIN)/python -m ruff format --check
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/packaging/test_package_list.py

bench: $(VENV)/installed-for-tests ## the project's own benchmarks
	@$(BIN)/python -m bench $(ARGS)

clean: ## remove the environment and what tools left behind (never DATA)
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist *.egg-info

$(VENV)/installed: $(VENV)/checkout setup.cfg pyproject.toml
	@echo "Installing into $(VENV) ..."
	@$(INSTALL) .
	@touch $@

$(VENV)/installed-for-tests: $(VENV)/checkout setup.cfg pyproject.toml
	@echo "Installing into $(VENV), with what the tests need ..."
	@$(INSTALL) '.[test,check]'
	@touch $@ $(VENV)/installed

$(VENV)/checkout: $(STALE)
	@sh .ci/environment $(VENV)
	@echo '$(CURDIR)' > $@
