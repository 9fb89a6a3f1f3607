PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Else, where the environment forbids bytecode files, each of the suite's hundreds of processes compiles PyTorch anew:
# three seconds each.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: install demo test test-slow test-api test-browser test-gpu check lock chaos fuzz bench clean

install: $(VENV)/.installed

# uv installs the same wheels as pip in a third of the time; it is itself installed by pip into the environment.
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv
	UV_LINK_MODE=copy $(BIN)/uv pip install --quiet --python $(BIN)/python --group dev -e .
	touch $@

demo: install
	$(BIN)/python examples/demo.py

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -n 2

test: check
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow and not gpu"

test-slow: install
	$(BIN)/python -m pytest -m slow

# The HTTP API against its own description; a report is in out/schemathesis/.
test-api: install
	$(BIN)/python -m pytest -m slow tests/jobs/web/test_openapi.py

# The dashboard in Chromium, which must be there. Takes the pictures that docs/dashboard.md shows.
test-browser: install
	BROWSER_PICTURES=docs/images/dashboard $(BIN)/python -m pytest tests/browser

test-gpu: install
	$(BIN)/python -m pytest -m gpu

# What the container images are made of: run it after a change of dependencies.
lock: install
	deploy/lock.sh $(BIN)/uv $(BIN)/python

# make chaos: 200 rounds take about an hour on two cores; CHAOS_ROUNDS=20 fewer.
CHAOS_ROUNDS ?= 200
CHAOS_SEED ?= 1
chaos: install
	mkdir -p out
	$(BIN)/atelier drill --rounds $(CHAOS_ROUNDS) --seed $(CHAOS_SEED) --report out/drill.md

# make fuzz: 10,000 damaged files a reader, and texts a parser, take about an hour; FUZZ_COUNT=1000 fewer.
FUZZ_COUNT ?= 10000
fuzz: install
	$(BIN)/python -m tests.fuzz.run --count $(FUZZ_COUNT)

# make bench FILM=a_720p_film.mp4: takes some minutes, and wants the machine for itself.
FILM ?= out/demo/moonlit_bay.mp4
bench: install
	$(BIN)/python -m bench.queue
	$(BIN)/python -m bench.overhead --film $(FILM)
	$(BIN)/python -m bench.scaling --film $(FILM)

clean:
	rm -rf $(VENV) out .atelier
