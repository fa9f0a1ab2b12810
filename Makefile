# Two commands on a fresh machine: `make ask TEXT="..."` and `make test`.
TEXT ?= remind me to call Sid at three pm about the budget
# As it was typed: a dollar sign in a sentence is no variable.
override export TEXT := $(value TEXT)

.PHONY: ask setup train-env test lint

ask: setup
	@.venv/bin/tinyagent ask "$$TEXT"

setup:
	@scripts/bootstrap.sh run

train-env:
	scripts/bootstrap.sh dev

test: train-env
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/pytest

lint:
	.venv/bin/ruff check .
	.venv/bin/mypy
