# `make demo` and `make test` do all set-up themselves, in .venv and .cache, from a fresh clone.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
JARS := .cache/kafka
DEMO ?=
TESTS ?= tests
# One worker a core pays off: most of a test's time is waiting for brokers.
PYTEST_WORKERS ?= 2

# $(call need,program,how to install it)
need = command -v $(1) >/dev/null 2>&1 || { echo "latido: $(1) is missing; install it: $(2)" >&2; exit 1; }

.PHONY: help venv venv-dev jars registry assets lint test demo lock clean

help:
	@echo 'make demo               start everything, load a real history, show changes as they happen (Ctrl-C ends it)'
	@echo 'make demo DEMO="--exit" load it, verify, print the report as JSON, stop'
	@echo 'make test               lint, types and every test; TESTS=path for a part'
	@echo 'make lint               formatting, lint, types, layering'
	@echo 'make lock               resolve the dependencies anew'
	@echo 'make clean              remove what these targets made'

venv: $(VENV)/.runtime
venv-dev: $(VENV)/.dev
jars: $(JARS)/.fetched
registry: .cache/registry/.fetched
assets: sinks/monitor/dist/manifest.json

$(BIN)/python:
	@$(call need,python3.11,apt-get install python3.11-venv (or pyenv install 3.11))
	@echo 'latido: creating $(VENV)'
	@python3.11 -m venv $(VENV) || { rm -rf $(VENV); \
	  echo 'latido: python3.11 cannot make environments; install: apt-get install python3.11-venv' >&2; exit 1; }

# Everything at runtime is in the lock of development too, in the same versions.
$(VENV)/.runtime: deploy/requirements.lock pyproject.toml | $(BIN)/python
	@echo 'latido: installing Python packages (the first time takes a minute or two)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: deploy/requirements-dev.lock $(VENV)/.runtime
	@echo 'latido: installing what tests and linters need'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/requirements-dev.lock
	@touch $@

$(JARS)/.fetched: deploy/local/pom.xml
	@$(call need,java,apt-get install openjdk-17-jre-headless)
	@$(call need,mvn,apt-get install maven)
	@echo 'latido: fetching Kafka (44 MB, once)'
	@rm -rf $(JARS)
	@mvn --batch-mode --quiet --file $< dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/$(JARS)
	@touch $@

.cache/registry/.fetched: deploy/local/registry-pom.xml
	@$(call need,java,apt-get install openjdk-17-jre-headless)
	@$(call need,mvn,apt-get install maven)
	@echo 'latido: fetching the schema registry (158 MB, once)'
	@rm -rf .cache/registry
	@mvn --batch-mode --quiet --file $< dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/.cache/registry
	@cd .cache/registry && tar -xzf *.tar.gz && rm *.tar.gz
	@touch $@

WEB := sinks/monitor/web
sinks/monitor/dist/manifest.json: $(WEB)/package-lock.json $(WEB)/build.py $(wildcard $(WEB)/css/* $(WEB)/js/*) | venv
	@$(call need,npm,apt-get install npm)
	@echo 'latido: building what the monitor shows'
	@$(BIN)/python -m sinks.monitor.web.build

lint: venv-dev
	@echo 'latido: lint, format, types, layering'
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy
	@mkdir -p .cache && $(BIN)/lint-imports --no-cache >.cache/layers.log 2>&1 || { cat .cache/layers.log >&2; exit 1; }

test: lint jars registry assets
	@$(BIN)/python -m pytest $(TESTS) --numprocesses $(PYTEST_WORKERS) --dist loadfile

demo: venv jars assets
	@$(BIN)/python -m deploy.local.demo $(DEMO)

lock: venv-dev
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv
	@$(BIN)/python -m uv pip compile pyproject.toml --extra build --output-file deploy/requirements.lock $(LOCK)
	@$(BIN)/python -m uv pip compile pyproject.toml --extra build --extra sentiment --extra dev \
	  --output-file deploy/requirements-dev.lock --constraints deploy/requirements.lock $(LOCK)

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

clean:
	@rm -rf $(VENV) .cache .hypothesis sinks/monitor/dist $(WEB)/node_modules
