# The two commands of the README are `make demo` and `make test`.
SHELL := /bin/bash
# Without byte code every one of the processes reads all packages as source: three seconds each.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test check shots lighthouse bench accept lock sbom clean

setup:  ## virtual environment, locked packages, assets, translations
	@$(PYTHON) tools/setup.py run

demo: setup  ## the demo chain through the whole pipeline, then the web server on 127.0.0.1:8000
	@$(BIN)/huitou demo

test: devsetup check  ## checks, every test on SQLite, the database tests again on PostgreSQL
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder
	@$(BIN)/python -m tests.postgres -- $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m db_both $$(grep -rl db_both tests --include='test_*.py')

check: devsetup  ## style, types, import contracts, migrations, translations, links, SQL
	@$(BIN)/python tools/check.py

shots: devsetup  ## pictures of every page of the demo, and what looks wrong on them: build/shots/index.html
	@$(BIN)/python -m tools.shots $(ARGS)

lighthouse: devsetup  ## accessibility, best practices and first paint of the demo's main pages; npm brings Lighthouse the first time
	@$(BIN)/python -m tools.lighthouse_run

accept: devsetup  ## every acceptance row with or without a test
	@$(BIN)/python tools/accept.py

bench: setup  ## measurements beside a peer or a limit: make bench WHAT=warehouse
	@$(BIN)/huitou bench $(WHAT)

.PHONY: devsetup
devsetup:
	@$(PYTHON) tools/setup.py dev

lock: devsetup  ## resolve the requirement files again
	$(BIN)/uv pip compile --system-certs --universal --python-version 3.11 --generate-hashes --no-header -q boot.in -o requirements-boot.txt
	$(BIN)/uv pip compile --system-certs --universal --python-version 3.11 --generate-hashes --no-header -q --extra demo --extra mysql pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --system-certs --universal --python-version 3.11 --generate-hashes --no-header -q -c requirements.txt dev.in -o requirements-dev.txt
	$(BIN)/uv pip compile --system-certs --universal --python-version 3.11 --generate-hashes --no-header -q --no-deps data.in -o requirements-data.txt

sbom:  ## the bill of materials from the lock files: build/sbom.json (CycloneDX)
	@$(PYTHON) tools/sbom.py build/sbom.json

clean:  ## everything that set-up and demo made
	rm -rf .venv var node_modules src/huitou/web/assets src/huitou/web/assets_dev build/shots
