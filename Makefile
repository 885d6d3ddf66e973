# One command for each thing: `make demo` shows extraction, `make test` runs the tests, `make check` what the tests do not.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TOOLS := $(VENV)/.tools

.PHONY: demo test check format bench lock clean
.DELETE_ON_ERROR:

demo: $(STAMP)
	mkdir -p out
	$(BIN)/extractor extract samples -f jsonl -o out/records.jsonl
	$(BIN)/extractor export out/records.jsonl -o out/reports.xlsx
	$(BIN)/extractor extract samples -f csv --table summary -o out/summary.csv
	$(BIN)/extractor extract samples -f csv --table indicators -o out/indicators.csv
	$(BIN)/extractor extract samples -f table
	$(BIN)/extractor batch samples -o out/batch --resume

test: $(TOOLS)
	$(BIN)/python -m compileall -q extractor
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

check: $(TOOLS)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_layers.py

format: $(TOOLS)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(TOOLS)
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.export

# The lock files hold hashes and no addresses; they are made anew only on purpose. The first holds what extraction needs, the
# second all extras and what the tests and checks need too.
LOCK := $(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
  --python-version 3.11 --quiet pyproject.toml
lock: $(TOOLS)
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) --group build -o requirements.lock
	$(LOCK) --group dev --all-extras -c requirements.lock -o requirements-dev.lock

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q extractor
	touch $(STAMP)

$(TOOLS): $(STAMP) requirements-dev.lock
	$(PIP) --require-hashes -r requirements-dev.lock
	touch $(TOOLS)

clean:
	rm -rf $(VENV) out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
