"""Filling a call's lines: what may be written on each, and what the proposals taken leave to the others."""

from datetime import datetime

import pytest
from scripted_engine import ScriptedEngine

from tinyagent.calls import CHOICE_TYPES, Effect, Parameter, Tool
from tinyagent.dualtune import prompts
from tinyagent.dualtune.arguments import GENERIC, Around, Filler, Layout
from tinyagent.dualtune.prompts import Before
from tinyagent.dualtune.references import fitting
from tinyagent.grounding import resolvers
from tinyagent.grounding.base import World

WORLD = World(datetime(2026, 3, 2, 9), ("Sid", "Ana"), ("shopping",))
NAME = Parameter("name", "text")
DUE = Parameter("due", "when", required=False)
NOTES = Parameter("notes", "text", required=False)
TOOL = Tool("remember", "reminders", "Remember.", Effect.WRITE, (NAME, DUE, NOTES), lambda: None)
TIMER = Tool("set_timer", "clock", "", Effect.WRITE, (Parameter("duration", "duration"),), lambda: None)
TEXT = "remind me to call Sid at three pm about the budget"


def fill(lines, text=TEXT, tool=TOOL, earlier="", done=(), **options):
    """Fill with a model that wants to write `lines` after the call's name; returns the outcome and the engine."""
    engine = ScriptedEngine(f"<|im_start|> {text}\n{earlier}{tool.name}\n{lines}", **options)
    return Filler(engine).fill(text, tool, WORLD, Around(done)), engine


SAID = {
    "when": "at three pm",
    "span": "this weekend",
    "duration": "for ten minutes",
    "recurrence": "every weekday",
    "number": "twelve eggs",
    "percent": "to forty percent",
    "unit": "in miles",
    "expr": "12 times 3",
    "enum": "it is urgent",
    "bool": "yes please",
}


@pytest.mark.parametrize("kind", sorted(CHOICE_TYPES))
def test_what_is_proposed_for_a_choice_type_can_be_resolved(kind):
    choices = {"enum": {"high": ("urgent",)}, "bool": {"true": ("yes",)}}.get(kind, {})
    parameter = Parameter("x", kind, choices=choices)
    proposals = resolvers.propose(SAID[kind], parameter, WORLD)
    assert proposals
    for proposal in proposals:
        assert resolvers.resolve(proposal.words, parameter, WORLD) is not None
        assert all(0 <= start < end <= len(SAID[kind]) for start, end in proposal.spans)
    assert resolvers.propose("zzz", parameter, WORLD) == []


def test_a_taken_proposal_leaves_the_words():
    layout = Layout(TEXT, WORLD)
    (proposal,) = layout.proposals(DUE)
    assert "three pm" in proposal.words
    layout.take(proposal)
    assert layout.proposals(DUE) == []
    assert [word.core for word in layout.words()] == "remind me to call Sid about the budget".split()


def test_only_overlapping_proposals_go():
    text = "move it from friday at noon to monday"
    layout = Layout(text, WORLD)
    proposals = layout.proposals(DUE)
    friday = next(p for p in proposals if "friday" in p.words)
    layout.take(friday)
    left = {p.words for p in layout.proposals(DUE)}
    assert "monday" in left
    assert not any("friday" in words or "noon" in words for words in left)


def test_the_lines_are_written_as_the_model_wants_them():
    filled, engine = fill("due: three pm\nname: call Sid about the budget\nnotes: -\n")
    assert filled.words == {"due": "three pm", "name": "call Sid about the budget"}
    assert filled.missing == ()
    assert filled.probability > 0.99
    assert engine.owners == {(GENERIC,)}


def test_an_optional_field_can_be_left_out_and_its_words_stay():
    filled, _ = fill("due: -\nname: call Sid at three pm\nnotes: the budget\n")
    assert filled.words == {"name": "call Sid at three pm", "notes": "the budget"}


def test_a_required_run_that_is_absent_is_missing():
    filled, _ = fill("due: three pm\nname: -\nnotes: -\n")
    assert filled.words == {"due": "three pm"}
    assert filled.missing == (NAME,)


def test_without_a_proposal_there_is_no_line():
    text = "remind me to call Sid"
    filled, engine = fill("name: call Sid\nnotes: -\n", text)
    assert filled.words == {"name": "call Sid"}
    assert "due" not in engine.text([token for token, _ in engine.state])


def test_a_required_choice_without_proposal_is_missing_and_with_one_is_taken():
    filled, engine = fill("", "set a timer", TIMER)
    assert (filled.words, filled.missing) == ({}, TIMER.parameters)
    assert engine.batches == []
    filled, engine = fill("duration: five minutes\n", "set a five minutes timer", TIMER)
    assert (filled.words, filled.missing, filled.probability) == ({"duration": "five minutes"}, (), 1.0)
    assert engine.batches == []  # there was nothing to decide


def test_nothing_is_left_for_a_text_when_all_words_are_taken():
    filled, _ = fill("due: tomorrow at three pm\n", "tomorrow at three pm")
    assert filled.missing == (NAME,)


def test_a_tool_without_parameters_needs_no_model():
    tool = Tool("find_timers", "clock", "", Effect.READ, (), lambda: None)
    filled, engine = fill("", tool=tool)
    assert (filled.words, filled.missing, filled.probability) == ({}, (), 1.0)
    assert engine.batches == []


def test_whatever_the_model_wants_only_words_of_the_command_come_out():
    for lines in ("name: hollow gospel\n", "due: tomorrow\nname: Bob\n", "rm -rf\n"):
        filled, _ = fill(lines)
        for words in filled.words.values():
            assert set(words.split()) <= set(TEXT.split())


def test_the_own_adapter_is_stacked_on_the_generic_one():
    engine = ScriptedEngine(adapters=(GENERIC, "arguments/remember"))
    assert Filler(engine).owner("remember") == (GENERIC, "arguments/remember")
    assert Filler(engine).owner("other") == (GENERIC,)
    assert Filler(ScriptedEngine(adapters=())).owner("remember") == ()
    _, engine = fill("name: call Sid\n", adapters=(GENERIC, "arguments/remember"))
    assert engine.owners == {(GENERIC, "arguments/remember")}


def test_earlier_calls_stand_in_the_prompt():
    engine = ScriptedEngine()
    Filler(engine).fill(TEXT, TOOL, WORLD, Around([(TIMER, {"duration": "an hour"})]))
    shown = engine.text([token for token, _ in engine.state])
    assert shown.startswith(f"<|im_start|> {TEXT}\nset_timer\nduration: an hour\nremember\ndue:")


SUMMARY = Tool("sum_up", "files", "", Effect.READ, (), lambda: None, results={"": "text", "title": "text"})
COUNT = Tool("count", "math", "", Effect.READ, (), lambda: None, results={"": "number"})
MAIL = Tool(
    "mail",
    "mail",
    "",
    Effect.OUTGOING,
    (
        Parameter("to", "persons"),
        Parameter("body", "text"),
        Parameter("copies", "number", required=False),
        Parameter("file", "file", required=False),
    ),
    lambda: None,
)
DONE = [(SUMMARY, {}), (COUNT, {})]


def test_an_argument_can_be_a_result():
    lines = "copies: $2\nto: Ana\nbody: $1.title\nfile: -\n"
    filled, engine = fill(lines, "sum it up and mail Ana", MAIL, "sum_up\ncount\n", DONE)
    assert filled.words == {"copies": "$2", "to": "Ana", "body": "$1.title"}
    assert filled.references == {"copies", "body"}
    assert "copies: $2\nto: Ana\nbody: $1.title\n" in engine.text([token for token, _ in engine.state])


def test_nobody_is_ever_addressed_by_a_result():
    filled, _ = fill("copies: -\nto: $1\nbody: $1\n", "sum it up and mail Ana", MAIL, "sum_up\ncount\n", DONE)
    assert "to" not in filled.words
    assert "to" not in filled.references


@pytest.mark.parametrize(
    ("type", "text", "references"),
    [
        ("text", "", ["$2", "$1", "$1.title"]),
        ("number", "", ["$2"]),
        ("file", "", []),
        ("persons", "", []),
        ("when", "", []),
        ("text", "the $1 shop", []),
        ("text", "the $2 shop", ["$1", "$1.title"]),
        ("text", "it costs $12, or $1,000 or $3", ["$2", "$1", "$1.title"]),
    ],
)
def test_which_results_fit(type, text, references):
    assert fitting(Parameter("x", type), [SUMMARY, COUNT], text) == references


def test_a_sum_of_money_in_the_command_is_no_reference():
    text = "sum it up and mail Ana $1"
    filled, _ = fill("copies: -\nto: Ana\nbody: $1\nfile: -\n", text, MAIL, "sum_up\ncount\n", DONE)
    assert filled.words["body"] == "$1"
    assert filled.references == frozenset()


REMEMBERED = Before(TEXT, [(TOOL, {"due": "three pm", "name": "call Sid about the budget"})])
FIRST = f"{TEXT}\nremember\ndue: three pm\nname: call Sid about the budget\n<|im_start|> "


def follow(lines, text, tool=TOOL, before=REMEMBERED, first=FIRST, earlier=(), shown=""):
    """Fill a second turn with a model that wants to write `lines` after the call's name."""
    engine = ScriptedEngine(f"<|im_start|> {first}{text}\n{shown}{tool.name}\n{lines}")
    return Filler(engine).fill(text, tool, WORLD, Around(earlier, before)), engine


def test_a_second_turn_is_written_below_the_first():
    filled, engine = follow("due: four pm\nname: -\nnotes: -\n", "no, at four pm")
    assert filled.words == {"due": "four pm"}
    assert filled.missing == (NAME,)
    assert engine.text([token for token, _ in engine.state]).startswith(
        f"<|im_start|> {FIRST}no, at four pm\nremember\ndue: four pm\n"
    )


def test_words_of_the_turn_before_are_no_values_of_this_one():
    filled, _ = follow("due: three pm\nname: call Sid\nnotes: the budget\n", "no, at four pm")
    for words in filled.words.values():
        assert set(words.split()) <= {"no,", "no", "at", "four", "pm"}


def test_what_is_required_may_be_absent_after_a_turn():
    before = Before("a ten minutes timer", [(TIMER, {"duration": "ten minutes"})])
    first = "a ten minutes timer\nset_timer\nduration: ten minutes\n<|im_start|> "
    text = "no, five minutes is too short"
    filled, engine = follow("duration: -\n", text, TIMER, before, first)
    assert (filled.words, filled.missing) == ({}, TIMER.parameters)
    assert engine.batches  # there was something to decide
    filled, _ = follow("duration: five minutes\n", text, TIMER, before, first)
    assert (filled.words, filled.missing) == ({"duration": "five minutes"}, ())
    # Without a turn before, the only value there is is the one.
    filled, engine = fill("duration: -\n", text, TIMER)
    assert filled.words == {"duration": "five minutes"}


def test_references_are_numbered_through_both_turns():
    before = Before("sum it up", [(SUMMARY, {})])
    lines = "copies: $2\nto: Ana\nbody: $1.title\nfile: -\n"
    first = "sum it up\nsum_up\n<|im_start|> "
    filled, _ = follow(lines, "count it and mail Ana", MAIL, before, first, [(COUNT, {})], "count\n")
    assert filled.words == {"copies": "$2", "to": "Ana", "body": "$1.title"}
    assert filled.references == {"copies", "body"}


@pytest.mark.parametrize("text", ["- - -", "call - Sid", "'s", "...", "“”", "🎉", "Zoë’s"])
def test_odd_commands_never_break_it(text, engine):
    filled = Filler(engine).fill(text, TOOL, WORLD)
    assert set(filled.words) <= {"name", "notes"}


def test_the_mark_of_absence_wins_over_a_word_that_looks_like_it():
    filled, _ = fill("name: -\nnotes: -\n", "note - buy milk")
    assert filled.words == {}
    filled, _ = fill("name: - buy milk\nnotes: -\n", "note - buy milk")
    assert filled.words == {"name": "- buy milk"}


def test_the_real_model_fills_something(engine):
    """With whatever adapters are committed: the values are runs of the command's own words."""
    filled = Filler(engine).fill(TEXT, TOOL, WORLD)
    for name, words in filled.words.items():
        assert prompts.split_words(words), name
        assert all(word.core in TEXT for word in prompts.split_words(words))
    assert 0 < filled.probability <= 1
