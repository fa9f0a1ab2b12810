"""Metrics against values computed by hand, with fake plans of a line."""

from datetime import datetime

import pytest

from tinyagent.calls import Call, Candidate, Plan, Question
from tinyagent.evaluation.cases import parse_case
from tinyagent.evaluation.metrics import abstention, percentile, score, share

NOW = datetime(2026, 3, 2, 9)


def case(*calls, **more):
    return parse_case({"text": "x", "now": NOW.isoformat(), "calls": list(calls), **more})


def want(tool, **args):
    return {"tool": tool, "args": args}


def got(*calls, end="done", shortlist=(), **more):
    return Plan("x", NOW, calls=calls, end=end, shortlist=tuple(Candidate(t, 0.5) for t in shortlist), **more)


NONE = case(end="none")
ASK = case(end="ask", accept_tools=["create_list"])


@pytest.mark.parametrize(
    ("expected", "plan", "selected", "planned"),
    [
        (case(want("a")), got(Call("a", {})), True, True),
        (case(want("a")), got(Call("b", {})), False, False),
        (case(want("a")), got(), False, False),
        (case(want("a")), got(end="ask"), False, False),
        (case(want("a")), got(Call("a", {}), end="ask"), True, False),
        (case(want("a")), got(Call("a", {}), Call("a", {})), False, False),
        (case(want("a"), want("a")), got(Call("a", {})), False, False),
        (case(want("a"), want("b")), got(Call("b", {}), Call("a", {})), True, True),
        (case(want(["a", "b"])), got(Call("b", {})), True, True),
        (case(want(["a", "b"]), want("a")), got(Call("a", {}), Call("b", {})), True, True),
        (case(want(["a", "b"]), want("a")), got(Call("b", {}), Call("b", {})), False, False),
        (NONE, got(end="none"), True, True),
        (NONE, got(end="ask"), False, False),
        (NONE, got(Call("a", {})), False, False),
        (case(end=["none", "ask"]), got(end="ask"), True, True),
        (ASK, got(end="ask"), True, True),
        (ASK, got(Call("create_list", {})), True, True),
        (ASK, got(Call("create_list", {}), Call("a", {})), False, False),
        (ASK, got(end="none"), False, False),
    ],
)
def test_selection_and_plan_success(expected, plan, selected, planned):
    scored = score(expected, plan)
    assert (scored.selected, scored.planned) == (selected, planned)


CHAIN = case(want("a"), want("b"), want("c"), depends=[[1, 0], [2, 1]])
TWINS = case(want("a"), want("a"), want("c"), depends=[[2, 0]])


@pytest.mark.parametrize(
    ("expected", "order", "depends", "isomorphic"),
    [
        (CHAIN, "abc", ((1, 0), (2, 1)), True),
        (CHAIN, "abc", ((1, 0), (2, 0)), False),
        (CHAIN, "abc", ((1, 0),), False),
        (CHAIN, "abc", (), False),
        (CHAIN, "acb", ((2, 0), (2, 1)), True),
        (TWINS, "aac", ((2, 1),), True),  # either twin may be the one that c needs
        (TWINS, "aac", ((2, 0), (2, 1)), False),
        (TWINS, "aac", ((1, 0),), False),
    ],
)
def test_isomorphic_plans(expected, order, depends, isomorphic):
    plan = got(*(Call(tool, {}) for tool in order), depends=depends)
    scored = score(expected, plan)
    assert scored.selected and scored.planned is isomorphic


def test_recall_is_by_expected_call_and_any_of_its_names():
    scored = score(case(want("a"), want(["b", "c"]), want("d")), got(shortlist=("a", "c", "x")))
    assert scored.found == (True, True, False)
    assert score(NONE, got(shortlist=("a",))).found == ()


FULL = want("create_reminder", name="call Sid", due="2026-03-02T15:00:00")


@pytest.mark.parametrize(
    ("args", "exact"),
    [
        ({"name": "Call sid.", "due": "2026-03-02T15:00"}, True),
        ({"name": "call sid", "due": "2026-03-02T16:00"}, False),
        ({"name": "call sid"}, False),
        ({"name": "call sid", "due": "2026-03-02T15:00", "notes": "x"}, False),
        ({"name": "call sid", "due": "2026-03-02T15:00", "notes": None, "list_name": ""}, True),
    ],
)
def test_exact_call(args, exact):
    assert score(case(FULL), got(Call("create_reminder", args))).exact == (exact,)


@pytest.mark.parametrize(
    ("accept", "args", "exact"),
    [
        ({"name": ["phone sid"]}, {"name": "phone sid", "due": "2026-03-02T15:00"}, True),
        ({"name": ["phone sid"]}, {"name": "call sid", "due": "2026-03-02T15:00"}, True),
        ({"due": ["2026-03-02", None]}, {"name": "call sid", "due": "2026-03-02"}, True),
        ({"due": ["2026-03-02", None]}, {"name": "call sid"}, True),
        ({"notes": ["urgent"]}, {"name": "call sid", "due": "2026-03-02T15:00", "notes": "Urgent"}, True),
        ({"notes": ["urgent"]}, {"name": "call sid", "due": "2026-03-02T15:00", "notes": "no"}, False),
    ],
)
def test_accept(accept, args, exact):
    assert score(case(FULL, accept=accept), got(Call("create_reminder", args))).exact == (exact,)


def test_partial_compares_only_what_is_given():
    partial = case(want("a", name="x"), partial=True)
    assert score(partial, got(Call("a", {"name": "x", "more": "y"}))).exact == (True,)
    assert score(partial, got(Call("a", {"more": "y"}))).exact == (False,)


def test_arguments_of_the_tool_that_was_used():
    both = case({"tool": ["a", "b"], "args": {"a": {"title": "x"}, "b": {"name": "x"}}})
    assert score(both, got(Call("b", {"name": "x"}))).exact == (True,)
    assert score(both, got(Call("b", {"title": "x"}))).exact == (False,)


def test_each_call_counts_once():
    twice = case(want("a", x="1"), want("a", x="1"))
    assert score(twice, got(Call("a", {"x": "1"}))).exact == (True, False)
    loose = case(want("a", x="1"), want("a", x="2"), accept={"x": ["1"]})
    assert score(loose, got(Call("a", {"x": "1"}), Call("a", {"x": "2"}))).exact == (True, True)


def test_list_names_with_and_without_list():
    assert score(case(want("a", list_name="shopping")), got(Call("a", {"list_name": "shopping list"}))).right


def test_words_before_grounding():
    expected = case({"tool": "a", "words": {"due": "three pm"}})

    def ground(tool, parameter, words):
        return {"three pm": "2026-03-02T15:00:00"}.get(words)

    at_three = got(Call("a", {"due": "2026-03-02T15:00"}))
    assert score(expected, at_three, ground).exact == (True,)
    assert score(expected, got(Call("a", {"due": "2026-03-02T16:00"})), ground).exact == (False,)
    assert score(expected, at_three).exact == (False,)  # nothing grounds: only the words are left
    assert score(expected, got(Call("a", {"due": "z"}, {"due": "Three PM"}))).exact == (True,)
    assert score(expected, got(Call("a", {})), ground).exact == (False,)


def test_asking_about_the_right_tool():
    question = Question("When?", "a", "due")
    assert score(case(want("a")), got(end="ask", question=question)).asked_right_tool
    assert not score(case(want("b")), got(end="ask", question=question)).asked_right_tool


def test_abstention_by_hand():
    act, nothing, tool = case(want("a")), got(end="none"), got(Call("a", {}))
    scores = [
        score(NONE, nothing),
        score(NONE, nothing),
        score(NONE, tool),
        score(act, nothing),
        score(act, tool),
    ]
    # two hits of three abstentions made, of three due
    assert abstention(scores) == {"precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3}
    ask_instead = score(NONE, got(end="ask"))  # the wrong end, but nothing was done
    assert abstention([ask_instead])["recall"] == 1
    assert (
        abstention([score(ASK, got(Call("create_list", {})))])["f1"] is None
    )  # either is right: not counted
    assert abstention([score(act, tool)]) == {"precision": None, "recall": None, "f1": None}


@pytest.mark.parametrize(("percent", "value"), [(0, 1.0), (50, 2.5), (95, 3.85), (100, 4.0)])
def test_percentile(percent, value):
    assert percentile([4, 2, 3, 1], percent) == pytest.approx(value)


def test_empty_shares():
    assert percentile([], 50) is None and share([]) is None and share([True, False]) == 0.5
