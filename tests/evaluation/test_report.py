"""The runner and its report, with a planner of a few lines."""

import json
from datetime import datetime
from itertools import count

from tinyagent.calls import Call, Candidate, Plan, Question
from tinyagent.evaluation.cases import parse_case
from tinyagent.evaluation.report import Report
from tinyagent.evaluation.runner import evaluate
from tinyagent.grounding.base import Unresolved, World

NOW = "2026-03-02T09:00:00"
CASES = [
    parse_case(
        {
            "id": "1",
            "text": "add milk",
            "now": NOW,
            "calls": [{"tool": "add_to_list", "args": {"item": "milk"}}],
        }
    ),
    parse_case(
        {
            "id": "2",
            "text": "at three",
            "now": NOW,
            "calls": [{"tool": ["set_alarm", "create_reminder"], "words": {"time": "three"}}],
        }
    ),
    parse_case({"id": "3", "text": "sing", "now": NOW, "calls": [], "end": "none"}),
    parse_case({"id": "4", "text": "add it", "now": NOW, "calls": [], "end": "ask"}),
]


class FakePlanner:
    def plan(self, text, *, now):
        short = (Candidate("add_to_list", 0.9), Candidate("read_list", 0.1))
        calls = {
            "add milk": (Call("add_to_list", {"item": "Milk"}),),
            "at three": (Call("set_alarm", {"time": "2026-03-02T15:00:00"}),),
            "sing": (Call("read_list", {}),),
        }.get(text, ())
        return Plan(
            text,
            now,
            calls,
            end="done" if calls else "ask",
            shortlist=short,
            early_exit=text == "sing",
            question=None if calls else Question("What?", "add_to_list"),
            timings_ms={"retrieve": 2.0},
        )


def ground(tool, parameter, words, world):
    assert world.lists == ("shopping",)
    if words != "three":
        raise Unresolved(Question("When?"))
    return f"{world.now:%Y-%m-%d}T15:00:00"


def run(cases=CASES):
    ticks = count()  # each plan takes one second on this clock
    seen = []
    report = evaluate(
        cases,
        FakePlanner(),
        lambda case: World(case.now, lists=("shopping",)),
        ground=ground,
        clock=lambda: float(next(ticks)),
        progress=seen.append,
    )
    assert tuple(seen) == report.scores
    return report


def test_figures_by_hand():
    data = run().as_json()
    assert {key: data[key] for key in ("n", "retrieval_recall", "shortlist_mean", "selection_accuracy")} == {
        "n": 4,
        "retrieval_recall": 0.5,
        "shortlist_mean": 2.0,
        "selection_accuracy": 0.75,
    }
    assert (data["plan_success"], data["exact_call"], data["early_exit"]) == (0.75, 1.0, 0.25)
    assert data["abstention"] == {"precision": 1.0, "recall": 0.5, "f1": 0.6667}
    assert data["latency_ms"] == {"p50": 1000.0, "p95": 1000.0} and data["stages_ms"] == {"retrieve": 2.0}
    assert data["peak_memory_mb"] > 1
    assert data["failures"] == [
        {
            "id": "3",
            "expected": {"calls": [], "end": "none"},
            "got": {"calls": [{"tool": "read_list", "args": {}}], "end": "done"},
        },
    ]
    assert json.loads(json.dumps(data)) == data


def test_toolset_rows_sum_up_their_tools():
    data = run().as_json()
    rows = {row["toolset"]: row for row in data["toolsets"]}
    assert set(rows) == {"lists", "clock"}
    assert sum(row["n"] for row in rows.values()) == sum(row["n"] for row in data["tools"]) == 2
    assert rows["clock"] == {
        "toolset": "clock",
        "n": 1,
        "recall": 0.0,
        "selected": 1.0,
        "exact": 1.0,
        "wrongly": 0,
    }
    assert rows["lists"]["selected"] == 1.0 and rows["lists"]["wrongly"] == 1


def test_rows_by_tool():
    rows = {row["tool"]: row for row in run().as_json()["tools"]}
    assert rows["add_to_list"] == {
        "tool": "add_to_list",
        "n": 1,
        "recall": 1.0,
        "selected": 1.0,
        "exact": 1.0,
        "wrongly": 0,
    }
    assert rows["set_alarm"]["recall"] == 0.0 and rows["set_alarm"]["n"] == 1
    assert rows["read_list"] == {
        "tool": "read_list",
        "n": 0,
        "recall": None,
        "selected": None,
        "exact": None,
        "wrongly": 1,
    }


def test_words_that_do_not_ground_are_compared_as_words():
    case = parse_case(
        {"text": "at three", "now": NOW, "calls": [{"tool": "set_alarm", "words": {"time": "sometime"}}]}
    )
    assert run([case]).as_json()["exact_call"] == 0.0


def test_failures_show_words_and_the_question():
    either = {"tool": ["a", "b"], "args": {"a": {"x": 1}, "b": {"y": 2}}}
    calls = [either, {"tool": "c", "words": {"due": "later"}}]
    case = parse_case({"text": "later", "now": NOW, "calls": calls})
    (failed,) = run([case]).as_json()["failures"]
    assert failed["expected"]["calls"] == [
        {"tool": ["a", "b"], "args": {"a": {"x": 1}, "b": {"y": 2}}},
        {"tool": "c", "args": {}, "words": {"due": "later"}},
    ]
    assert failed["got"] == {"calls": [], "end": "ask", "question": "What?"}


def test_table_for_people():
    text = run().table(failures=5)
    assert "selection accuracy                    75.0 %" in text
    assert "latency p50 / p95             1000 / 1000 ms" in text
    assert "3: sing" in text and "got       read_list {}" in text and "expected   (none)" not in text
    assert text.splitlines()[-2].split() == ["expected", "(none)"]


def test_no_cases_at_all():
    data = Report((), 1.0).as_json()
    assert data["n"] == 0 and data["exact_call"] is None and data["latency_ms"]["p95"] is None
    assert "–" in Report((), 1.0).table()


def test_now_reaches_the_planner():
    assert run().scores[0].plan.now == datetime(2026, 3, 2, 9)
