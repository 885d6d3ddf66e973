# One command for each thing: `make demo` shows extraction, `make test` runs the tests, `make check` what the tests do not.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

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

test: $(STAMP)
	$(BIN)/python -m pytest

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_layers.py

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.export

# The lock file holds hashes and no addresses; it is made anew only on purpose.
lock: $(STAMP)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 \
	  --group dev --extra ocr pyproject.toml -o requirements.lock

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q extractor
	touch $(STAMP)

clean:
	rm -rf $(VENV) out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
