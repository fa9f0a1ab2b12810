"""The assistant writes its journal, or none; no model is needed to run a plan."""

from datetime import datetime

import pytest

from tinyagent.assistant import Assistant
from tinyagent.calls import Call, Plan
from tinyagent.errors import SettingsError
from tinyagent.journal import open_journal
from tinyagent.settings import load

MILK = Call("add_to_list", {"item": "milk"})
DELETE = Call("delete_list", {"list_name": "shopping"})


@pytest.fixture
def settings(tmp_path):
    return load({"TINYAGENT_HOME": str(tmp_path), "TINYAGENT_TIMEZONE": "UTC"})


def plan(*calls):
    return Plan("add milk", datetime(2026, 3, 2, 9), calls)


def test_it_writes_the_persons_own_journal(settings):
    assert Assistant(settings).run(plan(MILK)).results[0].status == "done"
    assert [(entry.tool, entry.words) for entry in open_journal(settings).entries()] == [
        ("add_to_list", "add milk")
    ]


def test_it_can_do_without_one(settings):
    assert Assistant(settings, journal=None).run(plan(MILK)).results[0].status == "done"
    assert not open_journal(settings).path.exists()


def test_a_dry_run_writes_nothing(settings):
    Assistant(settings).run(plan(MILK), dry_run=True)
    assert not settings.state.exists()


def test_the_default_of_a_confirmation_is_no(settings):
    answer = Assistant(settings).run(plan(MILK, DELETE))
    assert [result.status for result in answer.results] == ["done", "declined"]


def test_it_keeps_to_the_policy(settings):
    settings.config.mkdir(parents=True)
    rules = settings.config / "policy.toml"
    rules.write_text('[[rule]]\ndecide = "deny"\ntoolset = "lists"\n')
    assert (
        Assistant(settings).run(plan(MILK), confirm=lambda tool, call: True).results[0].status == "declined"
    )
    rules.write_text('[[rule]]\ndecide = "deny"\ntool = "add_to_list"\nwhere = { items = "x" }\n')
    with pytest.raises(SettingsError, match="argument 'items'"):
        Assistant(settings).run(plan(MILK))


def test_a_damaged_journal_is_said_with_the_answer(settings):
    settings.state.mkdir(parents=True)
    open_journal(settings).path.write_text("no database, " * 1000)
    answer = Assistant(settings).run(plan(MILK))
    assert answer.text.startswith("Added milk to the shopping list.\nThe journal was damaged")
