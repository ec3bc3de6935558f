# Two commands matter: `make demo` and `make test`. Each sets up everything it needs in .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
BUILD_INPUTS := pyproject.toml hatch_build.py frontend/package-lock.json frontend/icons.txt $(shell find src -name '*.po' 2>/dev/null)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# Tests of the Spark engine need Java. Without it they are skipped, and nothing is installed for them.
SPARK := $(if $(BIHUAN_TESTS_REQUIRE_ALL)$(shell command -v java),.venv/.spark)

export BIHUAN_HOME ?= $(CURDIR)/var/demo

.PHONY: demo serve test lint bench lock messages clean

demo: .venv/.run
	$(BIN)/bihuan demo

test: .venv/.test $(SPARK)
	$(BIN)/python tests/suite.py

lint: .venv/.test
	$(BIN)/python tests/suite.py lint

bench: .venv/.bench $(SPARK)
	$(BIN)/python -m benchmarks $(RACES)

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Bihuan needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv

# Hashes refuse a local project, so the project itself comes second, without its dependencies.
.venv/.run: .venv/bin/python requirements/run.txt $(BUILD_INPUTS)
	$(PIP) --require-hashes -r requirements/run.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

.venv/.test: .venv/.run requirements/test.txt
	$(PIP) --require-hashes -r requirements/test.txt
	touch $@

# 434 MB, once: pip keeps what it built of it.
.venv/.spark: .venv/.test requirements/spark.txt
	$(PIP) --require-hashes -r requirements/spark.txt
	touch $@

.venv/.bench: .venv/.test requirements/bench.txt
	$(PIP) --require-hashes -r requirements/bench.txt
	touch $@

# Needs the network: rewrites the lock files from requirements/*.in.
lock: .venv/bin/python
	$(PIP) uv
	for use in test run spark bench; do $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	  --no-emit-index-url --no-header $$( [ $$use = test ] || echo -c requirements/test.txt ) \
	  requirements/$$use.in -o requirements/$$use.txt; done
	cd frontend && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

# Needs GNU gettext: collects the strings of every room into its own catalogue, then compiles them.
messages: .venv/.test
	$(BIN)/python tests/support/messages.py
	$(BIN)/python hatch_build.py

clean:
	rm -rf .venv var build dist frontend/node_modules src/bihuan/base/ui/static/vendor src/bihuan/base/documents/fonts
