import json
from datetime import datetime

import pytest

import tinyagent.cli.evaluate
from tinyagent.calls import Call, Candidate, Plan
from tinyagent.cli import main
from tinyagent.cli.scratch import Stock, scratch_settings, stock_for
from tinyagent.errors import CaseError
from tinyagent.settings import load

NOW = datetime(2026, 3, 2, 9)
CASE = {
    "id": "r-1",
    "text": "remind me to call sid at three",
    "now": "2026-03-02T09:00:00",
    "calls": [{"tool": "create_reminder", "args": {"name": "call Sid"}, "words": {"due": "at three"}}],
}
NONE = {"id": "n-1", "text": "tell me a joke", "now": "2026-03-02T09:00:00", "calls": [], "end": "none"}


class Planner:
    def __init__(self, settings, stock):
        assert "tinyagent-" in str(settings.state)

    def plan(self, text, *, now):
        call = Call("create_reminder", {"name": "call sid", "due": "2026-03-02T15:00:00"})
        return Plan(text, now, (call,), shortlist=(Candidate("create_reminder", 0.9),))


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(tinyagent.cli.evaluate, "_assistant", Planner)

    def run(lines, *words):
        path = tmp_path / "cases.jsonl"
        path.write_text("\n".join(json.dumps(line) if isinstance(line, dict) else line for line in lines))
        return main(["eval", str(path), *words]), *capfd.readouterr()

    return run


def test_figures_as_one_json_object(run):
    code, out, err = run([CASE, NONE], "--json")
    data = json.loads(out)
    assert (code, err) == (0, "")
    assert data["n"] == 2
    assert data["exact_call"] == 1.0
    assert [failure["id"] for failure in data["failures"]] == ["n-1"]


def test_the_table_and_its_failures(run):
    code, out, _ = run([CASE, NONE], "--failures", "1")
    assert code == 0
    assert "exact call" in out
    assert "n-1: tell me a joke" in out


def test_the_limit(run):
    assert json.loads(run([CASE, NONE], "--json", "--limit", "1")[1])["n"] == 1


@pytest.mark.parametrize("lines", [[], ["not json"], [{"id": "x"}]])
def test_bad_files_are_bad_input(run, lines):
    code, out, err = run(lines)
    assert (code, out) == (2, "")
    assert err.startswith("Error: ")
    assert err.count("\n") == 1


def test_a_missing_file_is_bad_input(capfd):
    assert main(["eval", "/nowhere/cases.jsonl"]) == 2


def test_the_neighbour_brings_the_world(tmp_path):
    cases = tmp_path / "cases.jsonl"
    assert stock_for(cases) == Stock()
    world = tmp_path / "cases.world.json"
    world.write_text('{"people": ["Nia Long"]}')
    assert stock_for(cases) == Stock(("Nia Long",), ())
    world.write_text('{"files": ["/home/a/b.pdf"], "folders": ["/home/a"], "apps": ["Kate"]}')
    stock = stock_for(cases)
    assert stock == Stock((), (), ("/home/a/b.pdf",), ("/home/a",), ("Kate",))
    assert stock.world(NOW).apps == ("Kate",) and stock.world(NOW).now == NOW
    for text in (
        "[]",
        "{",
        '{"people": "Ana"}',
        '{"files": ["b.pdf"]}',
        '{"people": [1]}',
        '{"people": 1}',
        '{"lists": [" "]}',
    ):
        world.write_text(text)
        with pytest.raises(CaseError, match=r"world\.json"):
            stock_for(cases)


def test_the_scratch_stores_hold_the_stock_and_go(tmp_path):
    from tinyagent.tools.contacts import people
    from tinyagent.tools.lists import list_names

    settings = load()
    with scratch_settings(settings, Stock()) as scratch:
        assert set(people(scratch.contacts)) == set(Stock().people)
        assert set(list_names(scratch.notes)) == set(Stock().lists)
        assert scratch.cache == settings.cache
        root = scratch.data.parent
    assert not root.exists()


def test_the_world_of_a_plan_is_the_stock_whatever_the_machine_has(tmp_path):
    from dataclasses import replace

    from tinyagent.evaluation.stocked import StockedAssistant

    (tmp_path / "roots").mkdir()
    (tmp_path / "roots" / "own.txt").touch()
    settings = replace(load(), tools={"files": {"roots": [str(tmp_path / "roots")]}})
    for stock in (Stock(), Stock(("Nia",), ("to do",), ("/d/report.pdf",), ("/d",), ("Kate",))):
        with scratch_settings(settings, stock) as scratch:
            world = StockedAssistant(scratch, stock.world).world(NOW)
        assert set(world.people) == set(stock.people)
        assert (world.files, world.folders, world.apps) == (stock.files, stock.folders, stock.apps)
