# One word a task; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LAB_STATE ?= .lab
SOLUTION ?=
PEOPLE ?= 300
PYTEST_ARGS ?=
FROM ?=
AGAINST ?=
TO ?=

.DEFAULT_GOAL := help
.PHONY: help venv demo test unit lint sanity molecule build benchmarks lab-up lab-down lab-status report check-config schema reference clean

help: ## list these tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

venv: $(READY) ## create .venv and install what is needed

$(READY): requirements.txt requirements-dev.txt
	@$(PYTHON) tests/prepare.py $(VENV)
	@touch $(READY)

demo: $(READY) ## run the main job on the lab, twice, and show what SharePoint holds (SOLUTION=<folder>, PEOPLE=<count>)
	@$(BIN)/python -m lab demo --state $(LAB_STATE) --people $(PEOPLE) $(if $(SOLUTION),--solution $(SOLUTION))

test: $(READY) lint unit ## run all tests

unit: $(READY) ## run the tests without the linters
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

lint: $(READY) ## ruff, strict types, ansible-lint, ansible-test sanity
	@echo "ruff ..." && $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "mypy ..." && $(BIN)/python tests/check_types.py
	@echo "ansible-lint ..." && PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/ansible-lint --offline -q
	@echo "docs/reference ..." && $(BIN)/python tests/reference.py --check
	@$(MAKE) --no-print-directory sanity

sanity: $(READY) ## ansible-test sanity as far as it runs here
	@$(BIN)/python tests/run_sanity.py

molecule: $(READY) ## the default molecule scenario on the lab
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/molecule test

build: $(READY) ## build the collection's archive into build/
	@mkdir -p build && $(BIN)/ansible-galaxy collection build --force --output-path build

benchmarks: $(READY) ## print figures: remote executions, seconds, memory
	@$(BIN)/python -m tests.benchmarks

report: $(READY) ## report a configuration, or its difference to another (FROM=<folder>, AGAINST=<folder>, TO=<file.html|.json|.md>)
	@$(BIN)/python -m plugins.plugin_utils.report $(if $(FROM),"$(FROM)") $(if $(AGAINST),--against "$(AGAINST)") $(if $(TO),--to "$(TO)")

lab-up: $(READY) ## start the lab in the background and say how to reach it
	@$(BIN)/python -m lab up --state $(LAB_STATE) --people $(PEOPLE)

lab-down: $(READY) ## stop the lab
	@$(BIN)/python -m lab down --state $(LAB_STATE)

lab-status: $(READY) ## what the lab holds
	@$(BIN)/python -m lab status --state $(LAB_STATE) || test $$? = 3

check-config: $(READY) ## hold a declaration against an export, as Markdown (FROM=<folder>, CONFIG=<YAML or folder>, STATE=, TO=<file.md>)
	@$(BIN)/python -m plugins.plugin_utils.check $(if $(FROM),--from "$(FROM)") $(if $(CONFIG),--config "$(CONFIG)") $(if $(STATE),--state "$(STATE)") $(if $(TO),--to "$(TO)")

schema: $(READY) ## write the JSON schema of the configuration language into docs/schema
	@$(BIN)/python -m plugins.plugin_utils.check --schema docs/schema

reference: $(READY) ## write the reference of modules and roles into docs/reference
	@$(BIN)/python tests/reference.py

clean: ## stop the lab and remove what make created
	@test ! -x $(BIN)/python || $(BIN)/python -m lab down --state $(LAB_STATE) || true
	@rm -rf $(VENV) $(LAB_STATE) build .pytest_cache .mypy_cache .ruff_cache .hypothesis
