# Every target sets up what it needs. PYTHON is the interpreter that the virtual environment is made with.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin

.PHONY: quickstart quickstart-llm test test-trainers test-environments test-llm browser check bench soak clean

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

.venv-llm/made: pyproject.toml constraints-llm.txt
	@test -x .venv-llm/bin/python || $(PYTHON) -m venv .venv-llm
	.venv-llm/bin/python -m pip install --quiet --constraint constraints-llm.txt torch
	.venv-llm/bin/python -m pip install --quiet --no-deps --requirement constraints-llm.txt --editable .
	@touch $@

.venv-llm/smollm2-135m-instruct: .venv-llm/made benchmarks/small_model/model_folder.py
	.venv-llm/bin/python -m benchmarks.small_model.model_folder $@
	@touch $@

quickstart-llm: .venv-llm/smollm2-135m-instruct  ## configs/quickstart_llm.yaml: a real model, served by vLLM on this CPU
	@.venv-llm/bin/tracemill build configs/quickstart_llm.yaml

test: .venv/dev  ## the tests; no network, 17 minutes on two cores
	$(BIN)/python -m pytest -m "not soak and not llm" --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder --ignore tests/sandbox
	$(BIN)/python -m pytest tests/sandbox

.venv-trainers/made: pyproject.toml constraints-trainers.txt
	@test -x .venv-trainers/bin/python || $(PYTHON) -m venv .venv-trainers
	.venv-trainers/bin/python -m pip install --quiet --constraint constraints-trainers.txt --editable '.[trainers]'
	.venv-trainers/bin/python -m pip install --quiet --no-deps verl==0.9.1
	.venv-trainers/bin/python -m pip install --quiet --no-deps --target .venv-trainers/trl-1.13 trl==1.13.0
	@touch $@

test-trainers: .venv-trainers/made  ## TRL and verl take the rows and the reward; torch on the CPU, no network
	HF_HUB_OFFLINE=1 .venv-trainers/bin/python -m pytest tests/trainers

.venv-environments/made: pyproject.toml constraints-environments.txt
	@test -x .venv-environments/bin/python || $(PYTHON) -m venv .venv-environments
	.venv-environments/bin/python -m pip install --quiet --no-deps --requirement constraints-environments.txt --editable .
	@touch $@

test-environments: .venv-environments/made  ## packages of `tracemill environment` in verifiers, Gymnasium and OpenEnv
	.venv-environments/bin/python -m pytest tests/environments

test-llm: .venv-llm/smollm2-135m-instruct  ## a real vLLM server with a real small model, killed and resumed
	.venv-llm/bin/python -m pytest -m llm tests/llm

browser:  ## Chromium, in which the report is tested; on Debian and Ubuntu, as root
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium; }

check: .venv/dev  ## lint, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/dev  ## the measurements in benchmarks/README.md
	$(BIN)/python -m benchmarks.run

soak: .venv/dev  ## hundreds of kills, over every phase
	$(BIN)/python -m pytest -m soak

clean:  ## what was installed; builds stay, for they may have cost teacher calls
	rm -rf .venv .venv-trainers .venv-environments .venv-llm
