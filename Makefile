# `make check` runs what CI runs. The other targets use the environment in .venv
# (or another: `make test VENV=/tmp/dev`).
VENV ?= .venv
BIN = $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help check test lint types fmt rules docs package bench drt

help:  # list the targets
	@grep -E '^[a-z]+:.*  # ' $(MAKEFILE_LIST) | sed 's/:.*  # /\t/'

check:  # all of CI, from nothing, in a temporary folder
	bash .ci/run

test:  # the tests, on two cores
	$(BIN)/python -m pytest -n 2

full:  # the tests, with every example through the slowest of them too
	TOSRULES_TESTS=all $(BIN)/python -m pytest -n 2

lint:  # style and layout of the Python code; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:  # types in strict mode
	$(BIN)/mypy --strict tosrules benchmarks hatch_build.py

fmt:  # lay out the Python code and the shipped rules
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m tosrules fmt rules examples

rules:  # the shipped rules: their layout, and the tests in them
	$(BIN)/python -m tosrules fmt --check rules examples
	$(BIN)/python -m tosrules test core meta

docs:  # fill the console blocks of the pages anew; read the diff before you keep it
	$(BIN)/python tests/docs/refill.py

package:  # wheel and source distribution, into dist/
	$(BIN)/python -m build

bench:  # how long a small check takes, beside the import of well-known libraries
	$(BIN)/python benchmarks/startup.py

SECONDS ?= 600
SEED ?= 0
ENGINE ?= duckdb
drt:  # engines compared on random rules and traces, for SECONDS=600, from SEED=0 on, ENGINE=spark
	$(BIN)/python -m tests.differential.run --seconds $(SECONDS) --seed $(SEED) --engine $(ENGINE) --write tests/conformance
