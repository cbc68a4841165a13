# Two commands matter: `make demo` shows the main job, `make test` runs every check. Both set themselves up.
ARGS ?=

.PHONY: help setup demo test lint lock bench clean

help:
	@echo "make demo    set up, start the service, score six sample recordings, show the KPIs (ARGS=--exit: end after the table)"
	@echo "make test    set up and run all tests                                       (ARGS='-k upload': only some)"
	@echo "make setup   put everything into .venv; the command is then .venv/bin/callscore"
	@echo "make lint    style, types and import rules"
	@echo "make lock    pin the newest dependencies (needs uv)"
	@echo "make clean   remove .venv and the demo's data (.callscore)"

setup:
	@./.ci/setup

demo: setup
	@.venv/bin/callscore demo $(ARGS)

test:
	@./.ci/setup --tests
	@.venv/bin/python -m pytest -n 2 --dist loadfile $(ARGS)

lint:
	@./.ci/setup --tests
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

# No header, no index: the lock names no registry host.
UV_COMPILE = uv pip compile --quiet --no-header --no-annotate --no-emit-index-url --universal --generate-hashes --python-version 3.11 --only-binary :all: pyproject.toml
lock:
	$(UV_COMPILE) --output-file requirements.lock
	$(UV_COMPILE) --extra model --constraint requirements.lock --output-file requirements-model.lock
	$(UV_COMPILE) --extra model --extra dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf .venv .callscore
