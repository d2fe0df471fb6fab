# Needs make, and a Python of at least 3.11 with pip. Everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
TEST := $(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder
QUICK := tests/api tests/scenario tests/workload tests/engine tests/test_errors.py tests/test_units.py

.PHONY: demo lint check engine test coverage docs update wheel bench clean browser

demo: .venv/installed  ## run the lecture and say where its report is
	$(BIN)/simsched run scenarios/lecture.yaml

lint: .venv/installed-dev  ## check style, types, imports and spelling
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

check: lint  ## lint, and run the quick tests of the parts: for every day
	$(TEST) -m "not long" $(QUICK)

engine: .venv/installed-dev  ## begin to compile the engine, half a minute, beside what follows
	@$(BIN)/python -c 'from simsched.engine.machine_code import FUNCTIONS, object_file; \
	list(map(object_file, FUNCTIONS))' </dev/null >/dev/null 2>&1 &

test: engine lint browser  ## lint, type-check and test everything
	$(TEST)

coverage: .venv/installed-dev  ## see that the quick tests cover the sources, for which they take twice as long
	$(TEST) -m "not long" --cov --cov-report=term

browser:  ## install chromium for the tests of the report, where that can be done
	@for name in chromium-headless-shell chromium chromium-browser; do command -v $$name && break; done >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && apt-get update -qq \
	&& apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null; } 2>/dev/null \
	|| echo "Without chromium the report is not tested in a browser; install it to have that done."

docs: .venv/installed-docs  ## build the documentation in site/, for any browser, without a server
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "Documentation: site/index.html"

update: .venv/installed-dev  ## renew what is generated: the schema, and the output in the docs
	$(BIN)/pytest -q tests/api tests/scenario tests/cli tests/docs tests/report tests/sweep --update

wheel: .venv/installed-dev  ## build a wheel in dist/ with the engine compiled, for machines such as this
	SIMSCHED_COMPILED=1 $(BIN)/python -m build --wheel --no-isolation

bench: .venv/installed-dev  ## compare with plain SimPy: run it before and after a change
	$(BIN)/python benchmarks/regression.py

clean:  ## remove what the targets above installed and cached
	rm -rf .venv site .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

.venv/installed: pyproject.toml constraints.txt | .venv
	$(call install,'.[fast]')
	@touch $@

.venv/installed-dev: pyproject.toml constraints.txt | .venv
	$(call install,'.[dev]')
	@touch $@ .venv/installed .venv/installed-docs

.venv/installed-docs: pyproject.toml constraints.txt | .venv
	$(call install,'.[docs]')
	@touch $@

# Debian keeps the pip of new environments in a package of its own; the machine's pip serves too.
.venv:
	@$(PYTHON) -m venv $@ >/dev/null 2>&1 || $(PYTHON) -m venv --clear --without-pip $@

define install
	@echo "Installing $(1) and what it needs into .venv ..."
	@if [ -x $(BIN)/pip ]; then pip="$(BIN)/python -m pip"; \
	else pip="$(PYTHON) -m pip --python $(BIN)/python"; fi; \
	$$pip install --quiet --quiet --no-compile --disable-pip-version-check --constraint constraints.txt --editable $(1)
endef
