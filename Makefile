# Every target sets up what it needs. PYTHON is the interpreter that the virtual environment is made with.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin

.PHONY: quickstart test test-trainers check bench soak clean

.venv/run: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

.venv/dev: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@ .venv/run

quickstart: .venv/run  ## builds configs/quickstart.yaml and shows what came out
	@$(BIN)/tracemill build quickstart

test: .venv/dev  ## the tests; no network, a few minutes
	$(BIN)/python -m pytest -m "not soak"

.venv-trainers/made: pyproject.toml constraints-trainers.txt
	@test -x .venv-trainers/bin/python || $(PYTHON) -m venv .venv-trainers
	.venv-trainers/bin/python -m pip install --quiet --constraint constraints-trainers.txt --editable '.[trainers]'
	.venv-trainers/bin/python -m pip install --quiet --no-deps verl==0.9.1
	@touch $@

test-trainers: .venv-trainers/made  ## TRL and verl take the rows and the reward; torch on the CPU, no network
	HF_HUB_OFFLINE=1 .venv-trainers/bin/python -m pytest tests/trainers

check: .venv/dev  ## lint, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/dev  ## the measurements in benchmarks/README.md
	$(BIN)/python -m benchmarks.run

soak: .venv/dev  ## hundreds of kills, over every phase
	$(BIN)/python -m pytest -m soak

clean:  ## what was installed; builds stay, for they may have cost teacher calls
	rm -rf .venv .venv-trainers
