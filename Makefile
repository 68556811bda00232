# `make run` is all it takes. Which registry packages come from is pip's own configuration.
PYTHON ?= python3
VENV := .venv/bin/python
INSTALL := $(PYTHON) -S mallvision/launch/install.py
COMPILE := uv pip compile pyproject.toml --universal --python-version 3.11 --only-binary :all: --generate-hashes \
	--no-annotate --no-header --no-emit-index-url

# What may stand on the command line: make run PORT=8123 DATA=/some/dir HOST=0.0.0.0
ifdef PORT
export MALLVISION_PORT := $(PORT)
endif
ifdef DATA
export MALLVISION_DATA := $(DATA)
endif
ifeq ($(origin HOST),command line)  # many shells set a HOST of their own
export MALLVISION_HOST := $(HOST)
endif
ifdef DATABASE_URL
export DATABASE_URL
endif
ifdef REDIS_SERVER
export REDIS_SERVER
endif

.PHONY: help install install-dev run manage test test-browser test-faults check lock bench bench-memory
.DEFAULT_GOAL := help

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 14

install: ## make .venv with the pinned dependencies
	@$(INSTALL) requirements.txt

install-dev: ## the same with what tests and checks need
	@$(INSTALL) requirements-dev.txt

run: install ## run MallVision; PORT=8000 DATA=var HOST=127.0.0.1
	@MALLVISION_TETHERED_TO=$$PPID exec $(VENV) -m mallvision.launch

manage: install ## run a management command: ARGS="create_camera gate-1 --group entrance" DATA=var
	@exec $(VENV) -m mallvision.launch.manage $(ARGS)

# Three at once also on two cores: half of their time they wait for other processes.
test: install-dev ## run the tests; DATABASE_URL=postgres://... REDIS_SERVER=/path ARGS="tests/launch -k port"
	@exec $(VENV) -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

test-browser: install-dev ## the tests in a real Chromium, which must be installed; CHROMIUM=/path
	@exec $(VENV) -m pytest -m browser tests/browser $(ARGS)

test-faults: install-dev ## break everything in turn while cameras send; minutes; ARGS="-k hub"
	@exec $(VENV) -m pytest -m faults tests/faults $(ARGS)

# mypy's Django plugin loads the settings.
check: export MALLVISION_SECRET_KEY := check
check: export DATABASE_URL := sqlite://:memory:
check: install-dev ## linters, types, import rules, migrations, templates
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(VENV) -m mypy .
	$(VENV) -c 'import sys; from importlinter.cli import lint_imports_command as run; sys.exit(run())'
	$(VENV) manage.py makemigrations --check --dry-run
	$(VENV) -m djlint --quiet --lint templates recognition cameras

bench: install-dev ## measure; prints a table, writes benchmarks/results
	@exec $(VENV) -m benchmarks $(ARGS)

bench-memory: install-dev ## whether a worker grows with 20,000 photos; ARGS="--json FILE --quick"
	@exec $(VENV) -m benchmarks.memory $(ARGS)

lock: ## write requirements*.txt anew from pyproject.toml (needs uv)
	$(COMPILE) -o requirements.txt
	$(COMPILE) --group dev -c requirements.txt -o requirements-dev.txt
