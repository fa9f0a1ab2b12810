import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.calls import Call, Effect, Parameter, Plan, Question, Tool
from tinyagent.compiler.plan_file import read_plan
from tinyagent.errors import PlanError
from tinyagent.tools.registry import Catalogue

PARAMETERS = (
    Parameter("name", "text"),
    Parameter("due", "when", False),
    Parameter("guests", "persons", False),
    Parameter("level", "percent", False),
    Parameter("much", "number", False),
    Parameter("loud", "bool", False),
    Parameter("kind", "enum", False, {"low": ("low",), "high": ("high",)}),
)
TOOLS = Catalogue({"note": Tool("note", "things", "", Effect.WRITE, PARAMETERS, print)})
GOOD = {"text": "say", "now": "2026-03-02T09:00:00", "calls": [{"tool": "note", "args": {"name": "milk"}}]}


def read(plan):
    return read_plan(plan if isinstance(plan, bytes) else json.dumps(plan).encode(), TOOLS)


def test_what_a_dry_run_prints_is_read_back():
    calls = (Call("note", {"name": "a"}, {"name": "a"}), Call("note", {"name": "$1", "due": "2026-03-02"}))
    now, question = datetime(2026, 3, 2, 9), Question("Which?")
    plan = Plan("say", now, calls, ((1, 0),), "ask", question, reason="There is no player.")
    for given_plan in (plan.as_json(), {"plan": plan.as_json(), "results": [], "text": ""}):
        assert read(given_plan) == plan


@pytest.mark.parametrize(
    "args",
    [
        {"due": "2026-03-02T10:00"},
        {"guests": ["Ana"]},
        {"level": 0},
        {"much": -1.5},
        {"loud": False},
        {"kind": "low"},
        {"due": None},
    ],
)
def test_values_of_the_right_type(args):
    assert (
        read({**GOOD, "calls": [{"tool": "note", "args": {"name": "x", **args}}]}).calls[0].args["name"]
        == "x"
    )


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({}, "needs name"),
        ({"name": None}, "needs name"),
        ({"name": 5}, "5 is not a value for name of note (text)"),
        ({"name": {"a": 1}}, "(text)"),
        ({"name": "x", "due": "soon"}, "'soon' is not a value for due"),
        ({"name": "x", "due": 20260302}, "(when)"),
        ({"name": "x", "guests": "Ana"}, "(persons)"),
        ({"name": "x", "guests": ["Ana", 5]}, "(persons)"),
        ({"name": "x", "level": 101}, "(percent)"),
        ({"name": "x", "level": True}, "(percent)"),
        ({"name": "x", "much": float("nan")}, "(number)"),
        ({"name": "x", "much": "1"}, "(number)"),
        ({"name": "x", "loud": "yes"}, "(bool)"),
        ({"name": "x", "kind": "lower"}, "(enum)"),
        ({"name": "x", "kind": ["low"]}, "(enum)"),
        ({"name": "x", "colour": "red"}, "no argument colour"),
        ({"name": "x", "due": "$1"}, "'$1' is not a value"),
    ],
)
def test_an_argument_that_does_not_fit(args, said):
    with pytest.raises(PlanError) as error:
        read({**GOOD, "calls": [{"tool": "note", "args": args}]})
    assert str(error.value).startswith("Call 1 of the plan: ")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (b"", "no JSON (line 1)"),
        (b'{"plan":\n', "no JSON (line 2)"),
        (b"\xff\xfe\xfd", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b" " * 1_000_001, "larger than 1 MB"),
        (b'{"text": "\\ud800", "calls": []}', "no JSON"),
        ([], "no plan"),
        ({"calls": 5}, "no plan"),
        ({**GOOD, "calls": [5]}, "names no tool"),
        ({**GOOD, "calls": [{"tool": "nothing"}]}, "no tool called nothing"),
        ({**GOOD, "calls": [{"tool": "note", "args": []}]}, "as objects"),
        ({**GOOD, "calls": GOOD["calls"] * 51}, "more than 50"),
        ({**GOOD, "now": "today"}, "when it was made"),
        ({**GOOD, "now": "2026-03-02T09:00:00+01:00"}, "has a zone"),
        ({**GOOD, "end": "soon"}, "'soon'"),
        ({**GOOD, "text": 7}, "no text"),
        ({**GOOD, "reason": 7}, "no text"),
        ({**GOOD, "depends": 1}, "pairs"),
        ({**GOOD, "depends": [[0, 0]]}, "[0, 0]"),
        ({**GOOD, "depends": [[1, 0]]}, "[1, 0]"),
        ({**GOOD, "depends": [[True, False]]}, "[True, False]"),
    ],
)
def test_what_is_no_plan_is_one_sentence(plan, said):
    with pytest.raises(PlanError) as error:
        read(plan)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {
            "calls": st.lists(
                JSON | st.fixed_dictionaries({"tool": st.just("note"), "args": JSON}), max_size=2
            )
        },
        optional={"now": JSON, "text": JSON, "depends": JSON, "end": JSON, "question": JSON},
    )
)
def test_anything_else_is_a_plan_or_a_sentence(plan):
    try:
        read({**GOOD, **plan})
    except PlanError as error:
        assert str(error)
