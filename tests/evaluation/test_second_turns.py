"""How second turns are counted: right, half right, questions, and first turns that have no value here."""

import json

import pytest
import scripted_path
from scripted_path import Models, Wanting

from tinyagent.cli.scratch import Stock, scratch_settings
from tinyagent.evaluation import conversations
from tinyagent.evaluation.stocked import StockedAssistant
from tinyagent.settings import load
from tinyagent.training import turns


class Counting(Wanting):
    """Counts the tokens that it evaluates, as the engine does."""

    evaluated = 0

    def _append(self, owned):
        self.evaluated += len(owned)
        return super()._append(owned)


@pytest.fixture
def assistant(tmp_path, monkeypatch):
    """An assistant with stocked stores; `measured` gives it a model for each conversation."""
    monkeypatch.setattr(scripted_path, "Wanting", Counting)
    settings = load({"TINYAGENT_HOME": str(tmp_path), "TINYAGENT_TIMEZONE": "UTC"})
    stock = Stock()
    with scratch_settings(settings, stock) as scratch:
        yield StockedAssistant(scratch, stock.world)


def measured(assistant, *rows, failures=False):
    """The report on conversations, each with the calls that the model wants and the way that the head hears."""

    def conversation():
        for row, way, *wanted in rows:
            models = Models(assistant.catalogue, wanted, "done" if wanted else "none", follow=way)
            models.into(assistant)
            assistant.__dict__["engine"] = models.engine
            yield turns.parse(row)

    return conversations.measure(assistant, conversation(), failures)


def row(text, tools, then, then_tools, how, **refs):
    return {"text": text, "tools": tools, "then": then, "then_tools": then_tools, "how": how, "refs": refs}


LIST = "add_to_list"
EGGS = row("add [milk](1.item) to [groceries](1.list_name)", [LIST], "and [eggs](2.item)", [LIST], "another")
ALARM = row("an alarm at [seven](1.time)", ["set_alarm"], "no, at [eight](2.time)", ["set_alarm"], "instead")
PHONE = "get_phone_number"
NOTE = row("[sid](1.name)'s number", [PHONE], "put it in a note called [phones](2.name)", ["create_note"], "new",
           **{"2.content": "$1.phone"})  # fmt: skip
WANT_EGGS = (LIST, {"item": "eggs"})


def test_what_is_taken_over_and_said_anew_is_right_together(assistant):
    report = measured(
        assistant,
        (EGGS, "another", WANT_EGGS),
        (ALARM, "instead", ("set_alarm", {"time": "eight"})),
        (NOTE, "fresh", ("create_note", {"name": "phones", "content": "$1.phone"})),
        (row("an alarm at [seven](1.time)", ["set_alarm"], "undo that", [], "undo"), "undo"),
        (row("an alarm at [seven](1.time)", ["set_alarm"], "thanks a lot", [], "none"), "fresh"),
    )
    assert report.cases == dict.fromkeys(("another", "instead", "new", "undo", "none"), 1)
    assert report.ways == report.right == report.cases
    assert report.unusable == 0


def test_the_wrong_words_leave_the_way_right(assistant):
    report = measured(
        assistant, (EGGS, "another", (LIST, {"item": "and eggs"})), (EGGS, "another", WANT_EGGS)
    )
    assert (report.cases["another"], report.ways["another"], report.right["another"]) == (2, 2, 1)


def test_the_wrong_way_is_wrong_altogether(assistant):
    right = (LIST, {"item": "eggs", "list_name": "groceries"})
    report = measured(assistant, (EGGS, "fresh", right), (EGGS, "instead", WANT_EGGS))
    assert report.cases["another"] == 2
    assert report.ways["another"] == 0
    assert report.right["another"] == 0


def test_a_reference_that_is_not_made_is_wrong(assistant):
    report = measured(assistant, (NOTE, "fresh", ("create_note", {"name": "phones", "content": "it"})))
    assert (report.ways["new"], report.right["new"]) == (1, 0)


def test_words_without_a_value_have_to_lead_to_a_question(assistant):
    who = row("[sid](1.name)'s number", [PHONE], "and [zebediah](2.name)'s", [PHONE], "another")
    report = measured(
        assistant, (who, "another", (PHONE, {"name": "zebediah"})), (who, "another", (PHONE, {}))
    )
    assert (report.cases["another"], report.right["another"]) == (2, 1)


def test_a_first_turn_without_a_value_is_no_case(assistant):
    lost = row(
        "an alarm at [whenever](1.time)", ["set_alarm"], "no, at [eight](2.time)", ["set_alarm"], "instead"
    )
    report = measured(assistant, (lost, "instead", ("set_alarm", {"time": "eight"})))
    assert (report.unusable, report.cases) == (1, {})
    assert report.as_json()["exact"] == 0


def test_only_turns_that_take_over_are_timed_and_counted(assistant):
    new = ("create_note", {"name": "phones", "content": "$1.phone"})
    report = measured(assistant, (NOTE, "fresh", new), (EGGS, "another", WANT_EGGS))
    for times in (report.first_ms, report.second_ms, report.cold_ms):
        assert len(times) == 1
        assert times[0] > 0
    # This engine keeps nothing from one prompt to the next, so both counts are that of the whole.
    assert report.second_tokens == report.cold_tokens
    assert report.second_tokens[0] > len("add milk to groceries and eggs".split())


def test_failures_are_printed_and_the_figures_are_json(assistant, capsys):
    report = measured(
        assistant, (EGGS, "another", WANT_EGGS), (EGGS, "another", (LIST, {"item": "and"})), failures=True
    )
    [line] = capsys.readouterr().out.splitlines()
    shown = json.loads(line)
    assert (shown["how"], shown["first"], shown["then"]) == ("another", "add milk to groceries", "and eggs")
    assert shown["gold"] == [[LIST, {"item": "eggs", "list_name": "groceries"}]]
    assert shown["made"] == [[LIST, {"item": "and", "list_name": "groceries"}]]
    given = json.loads(json.dumps(report.as_json()))
    assert (given["cases"], given["way"], given["exact"]) == (2, 1.0, 0.5)
    assert given["by_way"] == {"another": {"cases": 2, "way": 1.0, "exact": 0.5}}
    assert given["taking_over"]["second_tokens"] > 0


def test_without_any_case_there_are_no_figures_to_divide():
    given = conversations.Report().as_json()
    assert (given["cases"], given["way"], given["exact"], given["by_way"]) == (0, 0.0, 0.0, {})
    assert set(given["taking_over"].values()) == {None}
