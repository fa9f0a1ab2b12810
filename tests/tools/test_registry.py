"""Every tool of the catalogue, looked at from outside: what the design promises of each."""

import inspect
import re
from pathlib import Path

import pytest

from tinyagent.calls import Effect, Outcome
from tinyagent.errors import ToolError
from tinyagent.tools import registry
from tinyagent.tools.registry import _parameters, catalogue, tool

TYPES = {
    "text", "when", "span", "duration", "recurrence", "person", "persons", "place", "number", "percent",
    "enum", "bool", "list", "expr", "unit", "file", "files", "folder", "app",
}  # fmt: skip
TOOLS = list(catalogue())
FIRST = {
    "calendar": {
        "create_calendar_event": "title start end? duration? location? invitees? notes? recurrence?",
        "find_calendar_events": "query? span? person?",
        "move_calendar_event": "query start",
        "delete_calendar_event": "query? span?",
    },
    "reminders": {
        "create_reminder": "name due? notes? list_name? priority? recurrence?",
        "find_reminders": "query? span? list_name?",
        "complete_reminder": "query",
        "delete_reminder": "query? span?",
    },
    "contacts": {
        "get_phone_number": "name",
        "get_email_address": "name",
        "add_contact": "name email? phone?",
    },
}


@pytest.mark.parametrize("one", TOOLS, ids=lambda one: one.name)
def test_every_tool_keeps_the_contract(one):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", one.name)
    assert re.fullmatch(r"[A-Z][^\n]{8,90}\.", one.description), one.description
    assert one.effect in set(Effect)
    if one.effect is not Effect.OUTGOING:  # a draft or an event beside what goes out can be taken back
        assert (one.undo is not None) == (one.effect is not Effect.READ)
    names = [parameter.name for parameter in one.parameters]
    assert len(names) == len(set(names))
    for parameter in one.parameters:
        assert parameter.type in TYPES
        assert bool(parameter.choices) == (parameter.type in ("enum", "bool"))
        assert all(parameter.choices.values()), "a choice that no words say"
        assert parameter.prefer in {
            "when": ("day", "next"),
            "span": ("day", "past"),
            "folder": ("day", "notes"),
        }.get(parameter.type, ("day",))
    required = [parameter.required for parameter in one.parameters]
    assert required == sorted(required, reverse=True), "an optional parameter before a required one"


@pytest.mark.parametrize("one", TOOLS, ids=lambda one: one.name)
def test_every_function_takes_a_context_and_gives_an_outcome(one):
    signature = inspect.signature(one.function, eval_str=True)
    assert next(iter(signature.parameters)) == "ctx"
    assert signature.return_annotation is Outcome
    assert all(
        parameter.default is None
        for parameter in signature.parameters.values()
        if parameter.default is not inspect.Parameter.empty
    )
    if one.undo:
        assert list(inspect.signature(one.undo).parameters) == ["ctx", "data"]


@pytest.mark.parametrize("toolset", FIRST)
def test_the_parameters_are_those_of_the_catalogue(toolset):
    found = {
        one.name: " ".join(p.name + ("" if p.required else "?") for p in one.parameters)
        for one in TOOLS
        if one.toolset == toolset
    }
    assert found == FIRST[toolset]


def test_words_of_a_choice_say_one_thing():
    for one in TOOLS:
        for parameter in one.parameters:
            words = [word for said in parameter.choices.values() for word in said]
            assert len(words) == len(set(words)), f"{one.name}.{parameter.name}"


def test_every_built_in_module_with_tools_is_in_the_catalogue():
    folder = Path(registry.__file__).parent
    modules = {path.stem for path in folder.glob("*.py") if "\n@tool(" in path.read_text("utf-8")}
    assert {f"tinyagent.tools.{name}" for name in modules} <= {one.function.__module__ for one in TOOLS}
    assert len({one.toolset for one in TOOLS}) >= 18 and len(TOOLS) >= 58


def test_the_order_is_stable_and_lookups_end_in_a_sentence():
    assert [one.name for one in catalogue()] == [one.name for one in TOOLS]
    assert catalogue()["create_reminder"].parameter("due").type == "when"
    assert "create_reminder" in catalogue()
    with pytest.raises(ToolError, match="no tool called nothing"):
        catalogue()["nothing"]
    with pytest.raises(KeyError):
        catalogue()["create_reminder"].parameter("nothing")


def test_a_parameter_without_semantic_type_is_refused():
    def unsaid(ctx, name: str) -> Outcome:
        """Do."""

    with pytest.raises(TypeError, match="parameter name of unsaid has no semantic type"):
        list(_parameters(unsaid))


def test_two_tools_of_one_name_are_refused():
    def create_reminder(ctx) -> Outcome:
        """Do."""

    with pytest.raises(ValueError, match="two tools are called create_reminder"):
        tool(toolset="x", effect="read")(create_reminder)
