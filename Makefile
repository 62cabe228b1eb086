# The two commands that a new user needs are `make run` and `make test`; both do their whole set-up.
PYTHON := .venv/bin/python
GUARDRAIL := .venv/bin/guardrail
ROSTER ?= guardrail/roster/sample.csv
DATA ?= .guardrail
ARGS ?=

.PHONY: help run practice browser test check bench fuzz lock format ready ready-dev

help: ## Say what there is to make
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

ready:
	@scripts/setup.sh run

ready-dev:
	@scripts/setup.sh dev

run: ready ## Start guardrail with the sample roster (ROSTER=…, DATA=…, ARGS=…)
	@$(GUARDRAIL) run --rules rules.yaml --roster $(ROSTER) --data-dir $(DATA) $(ARGS)

practice: ready ## Start guardrail with stand-ins for the real sites, to train on
	@$(GUARDRAIL) practice --rules rules.yaml --roster $(ROSTER) --data-dir $(DATA) $(ARGS)

browser: ready ## Open a throw-away browser that trusts and uses the running guardrail
	@$(GUARDRAIL) browser --data-dir $(DATA) $(ARGS)

test: ready-dev ## Run every test, in a real browser too
	@scripts/browser.sh
	@scripts/postgres.sh
	$(PYTHON) -m pytest -n 2 --dist worksteal $(ARGS)

check: ready-dev ## Check style, types, import contracts and the code's shape
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	$(PYTHON) -m tests.shape

bench: ready-dev ## Measure speed beside peers, as JSON lines
	$(PYTHON) -m tests.bench $(ARGS)

fuzz: ready-dev ## Look for requests and answers that break recognition, ten minutes long
	$(PYTHON) -m tests.recognise.fuzz $(ARGS)

format: ready-dev ## Put every file into the project's format
	$(PYTHON) -m ruff check --fix-only --quiet .
	$(PYTHON) -m ruff format .

lock: ready-dev ## Renew the lock files (needs uv)
	scripts/lock.sh
