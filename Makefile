# make demo · make test · make lint · make docs · make bench. The same commands run everywhere.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test lint docs bench sample setup clean

setup: $(READY)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Heard needs Python 3.11 or newer. Fix: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python has no venv module. Fix: sudo apt install python3-venv"; exit 1; }
	@echo "Installing into .venv (a minute or two, once)"
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $(READY)

demo: $(READY)
	$(BIN)/heard demo

# Many tests wait for a browser or a server, so three processes share two processors. Threads of their own over small
# tables would only get into each other's way.
test: $(READY) lint
	POLARS_MAX_THREADS=1 $(BIN)/python -m pytest -n 3

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m docs.make --check

docs: $(READY)
	$(BIN)/python -m docs.make
	$(BIN)/python -m docs.pictures

bench: $(READY)
	$(BIN)/python -m benchmarks.speed

sample: $(READY)
	$(BIN)/heard sample --tickets 2800 --out data/sample

clean:
	rm -rf .venv
