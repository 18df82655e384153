.DEFAULT_GOAL := help
VENV := .venv
BIN  := $(VENV)/bin
PYTHON ?= python3

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

$(VENV)/installed: requirements.lock pyproject.toml
	@echo "Installing the locked packages into $(VENV) (about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(VENV)/installed  ## everything into .venv, from the lock

run: install  ## the demo store and the assistant, on this machine
	@$(BIN)/mangaassist run

run-model: install  ## the same with a small model on this machine that writes the answers (docs/models.md)
	@$(BIN)/mangaassist run --local-model

run-cluster: install  ## the same by two assistants over Redis and DynamoDB (deploy/cluster)
	@$(BIN)/python -m deploy.cluster

test: install  ## all tests; as root with apt, what they need is installed first
	@$(BIN)/python -m tests.peers
	$(BIN)/python -m tests

check: install  ## style, types, import rules, freshness of generated code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

mutate: install  ## break the code in 500 places, one at a time: which tests notice? (docs/testing.md)
	@$(BIN)/python -m tests.mutation $(FILES) $(if $(SEED),--seed $(SEED)) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(TESTS),--tests $(TESTS))

SEEDS ?= 10000
simulate: install  ## conversations under crashes, losses and delays, by seed: SEEDS=10000
	$(BIN)/python -m tests.simulation $(SEEDS)

bench: install  ## measure what the README quotes, and draw it
	$(BIN)/python -m benchmarks

matrix: install  ## ten services under every fault against real processes, drawn (docs/testing.md)
	$(BIN)/python -m benchmarks.matrix $(ARGS)

alerts: install  ## the alert rules for Prometheus, from the table of services
	@$(BIN)/python -m deploy.alerts

dashboards: install  ## what Grafana shows, from the table of panels
	@$(BIN)/python -m deploy.dashboards

docs: install  ## print into the pages of docs/ what the code says (tables, settings, dialects)
	@$(BIN)/python -m tests.pages.printed

crashes: install  ## real processes killed in mid-answer, KILLS=200 times a deployment
	@$(BIN)/python -m tests.crashes kill $(or $(KILLS),200)

index-crashes: install  ## a process that writes the index killed KILLS=200 times; what it acknowledged is there
	@$(BIN)/python -m tests.crashes index $(or $(KILLS),200)

restarts: install  ## real processes told to go while a crowd talks: N=20 RATE=50 (questions a second)
	@$(BIN)/python -m tests.crashes restart $(or $(N),20) --rate $(or $(RATE),50) $(if $(PACED),,--at-once)

proto: install  ## generate the catalog contract's code
	$(BIN)/python -m grpc_tools.protoc -I proto --python_out=src --pyi_out=src --grpc_python_out=src mangaproto/catalog.proto

lock:  ## resolve the lock anew (needs uv): hashes, no addresses
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate -o requirements.lock

image-lock:  ## what of the lock the image installs, and what builds its wheel (needs uv), after make lock
	uv pip compile pyproject.toml --extra redis --extra aws --extra otlp --extra openai --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate -c requirements.lock -o deploy/image/requirements.lock
	echo hatchling | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate -c requirements.lock -o deploy/image/build.lock

site: .venv-site/installed  ## the documentation site, into site/: open site/index.html
	@.venv-site/bin/sphinx-build -q -E -W --keep-going -c docs/site . site
	@echo "site/index.html"

.venv-site/installed: docs/site/requirements.lock
	@test -x .venv-site/bin/python || $(PYTHON) -m venv .venv-site
	@.venv-site/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r docs/site/requirements.lock
	@touch $@

site-lock:  ## resolve the lock of what builds the site anew (needs uv)
	uv pip compile --group docs --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate -o docs/site/requirements.lock

audit: .venv-audit/installed  ## what is publicly known to be wrong with the locked packages; needs the network
	@.venv-audit/bin/python -m deploy.known_flaws

.venv-audit/installed: deploy/audit.lock
	@test -x .venv-audit/bin/python || $(PYTHON) -m venv .venv-audit
	@.venv-audit/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r deploy/audit.lock
	@touch $@

audit-lock:  ## resolve the auditor's own lock anew (needs uv)
	echo pip-audit msgspec | tr ' ' '\n' | uv pip compile - --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate -o deploy/audit.lock

clean:  ## remove what make install and the tests left behind
	rm -rf $(VENV) .venv-audit .venv-site site .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help site site-lock audit audit-lock image-lock install run run-model run-cluster test simulate check mutate bench matrix alerts dashboards crashes index-crashes restarts docs proto lock clean
