# `make` alone explains the targets. Everything runs from .venv, which the first call makes.
.DEFAULT_GOAL := help
.PHONY: help venv demo up test e2e deploy core check format bench contact-sheet formats soak docs requirements clean
PYTHON ?= python3
COMPILE := $(CURDIR)/.venv/bin/python -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --custom-compile-command "make requirements"
RUN := .venv/bin/python
SERVERS := cdcs nemo radicale
FILES ?=
DEMO ?= demo
OUT ?= contact-sheet
ARGS ?=
export PYTHONPATH :=
unexport PYTHONDONTWRITEBYTECODE

help:
	@echo "NexusLIMS: microscope sessions become experiment records"
	@echo
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## /  make \1	/p' Makefile | expand -t 22
	@echo
	@echo "  make demo FILES=DIR uses a folder of your own instrument files, which is only read"

venv:
	@$(PYTHON) tools/make_venv.py

demo: venv ## build and publish the records of a small facility under ./demo, then check them
	@$(RUN) -m nexuslims_core.demo run --folder "$(DEMO)" $(if $(FILES),--files "$(FILES)")

up: venv ## serve that facility and the Airflow web UI until Ctrl-C
	@$(RUN) -m nexuslims_core.demo up --folder "$(DEMO)"

test: venv ## all tests (real CDCS, NEMO, Radicale, PostgreSQL and SharePoint logins on this machine)
	@$(RUN) -m pytest -n auto --dist loadfile $(ARGS)

e2e: venv ## sessions of every kind under a whole Airflow: scheduler, PostgreSQL, LocalExecutor
	@$(RUN) -m pytest tests/e2e $(ARGS)

deploy: venv ## check Dockerfile, docker-compose.yaml, Helm values and rules for Prometheus; do the image's steps in a folder
	@$(RUN) -m pytest tests/deploy $(ARGS)

core: venv ## the core's quick tests, where Airflow is not installed
	@$(RUN) tools/core_venv.py
	@.cache/core/bin/python -m pytest -q -n auto -m "not slow and not server and not airflow" tests/nexuslims_core $(ARGS)

check: venv ## format, lint, types and import contracts
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy
	@.venv/bin/lint-imports --no-cache

format: venv ## put every file into the project's format
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

bench: venv ## measure beside NexusLIMS 2.8.0: a session, files, a rebuild, start-up, clustering, finding, Airflow pages, sessions a minute
	@$(RUN) -m tests.bench $(if $(FILES),--files "$(FILES)") $(ARGS)

contact-sheet: venv ## lay the previews of FILES out on pages under ./contact-sheet, to be looked at
	@$(RUN) -m tools.contact_sheet --out "$(OUT)" $(if $(FILES),--files "$(FILES)")

formats: venv ## read every file below FILES=DIR and print what came of it, format by format
	@$(RUN) -m tools.read_formats "$(or $(FILES),.cache/em_files)" $(ARGS)

soak: venv ## the long fault and load runs, and tasks on two machines of which one is lost (needs redis-server)
	@$(RUN) -m pytest -m "" tests/soak $(ARGS)

docs: venv ## draw the pictures of the documentation, and write the page of the DAGs
	@$(RUN) tools/draw_activity_diagram.py
	@$(RUN) tools/write_dags_page.py

requirements: venv ## compile every requirements.txt from its requirements.in
	@for each in . $(SERVERS:%=nexuslims_core/testing/servers/%) tests/bench/peer tests/servers/roc_validator; do (cd $$each && $(COMPILE) requirements.in -o requirements.txt) || exit 1; done
	@cd tests/servers/openlineage && $(COMPILE) --no-deps requirements.in -o requirements.txt

clean: ## remove .venv, ./demo and every cache
	@if [ -e "$(DEMO)/made-by-nexuslims-demo" ]; then rm -rf "$(DEMO)"; fi
	rm -rf .venv .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
