"""One table from semantic type to resolver: what may be proposed for a parameter, and what its words are worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinyagent.calls import Parameter, Question
from tinyagent.grounding import apps, choices, expressions, files, lists, numbers, people, times, units
from tinyagent.grounding.base import Proposal, Unresolved, World

_PROPOSE: dict[str, Callable[[str, Parameter, World], list[Proposal]]] = {
    "when": lambda text, p, world: times.find_when(text, world.now, prefer=p.prefer),
    "span": lambda text, p, world: times.find_span(text, world.now),
    "duration": lambda text, p, world: times.find_duration(text),
    "recurrence": lambda text, p, world: times.find_recurrence(text),
    "number": lambda text, p, world: numbers.find_numbers(text),
    "percent": lambda text, p, world: numbers.find_percents(text),
    "expr": lambda text, p, world: expressions.find_expressions(text),
    "unit": lambda text, p, world: units.find_units(text),
    "enum": lambda text, p, world: choices.find_choices(text, p.choices),
    "bool": lambda text, p, world: choices.find_choices(text, p.choices),
}

_RESOLVE: dict[str, Callable[[str, Parameter, World], Any]] = {
    "span": lambda words, p, world: times.resolve_span(words, world.now, p.prefer),
    "duration": lambda words, p, world: times.resolve_duration(words),
    "recurrence": lambda words, p, world: times.resolve_recurrence(words, world.now),
    "number": lambda words, p, world: numbers.resolve_number(words),
    "percent": lambda words, p, world: numbers.resolve_percent(words),
    "expr": lambda words, p, world: expressions.resolve_expression(words),
    "unit": lambda words, p, world: units.resolve_unit(words),
    "enum": lambda words, p, world: choices.resolve_choice(words, p.choices),
    "bool": lambda words, p, world: choices.resolve_choice(words, p.choices) == "true" or None,
    "person": lambda words, p, world: people.resolve_person(words, world),
    "persons": lambda words, p, world: people.resolve_persons(words, world),
    "list": lambda words, p, world: lists.resolve_list(words, world),
    "app": lambda words, p, world: apps.resolve_app(words, world),
    "file": lambda words, p, world: files.resolve_file(words, world),
    "files": lambda words, p, world: files.resolve_files(words, world),
    "folder": lambda words, p, world: files.resolve_folder(words, world, p.prefer == "notes"),
}

_ASK_BY_NAME = {
    "name": "What is it about?",
    "title": "What shall I call it?",
    "item": "What should I add or remove?",
    "query": "Which one do you mean?",
    "list_name": "Which list?",
    "time": "At what time?",
}
_ASK = {
    "when": "When?",
    "span": "Which day?",
    "duration": "For how long?",
    "person": "Who?",
    "persons": "Who?",
    "list": "Which list?",
    "app": "Which application?",
    "file": "Which file?",
    "files": "Which file?",
    "folder": "Which folder?",
    "expr": "What should I calculate?",
    "number": "How much?",
    "unit": "Which unit?",
}


def propose(text: str, parameter: Parameter, world: World) -> list[Proposal]:
    """Return the runs of the command that can be the value of a choice parameter, without doubles, in text order."""
    found = {p.words.lower(): p for p in reversed(_PROPOSE[parameter.type](text, parameter, world))}
    return sorted(found.values(), key=lambda p: p.spans)


def resolve(words: str, parameter: Parameter, world: World, context: str = "") -> Any:
    """Return the JSON value of the words under the parameter's semantic type.

    `context` are words of another argument that may say the part of the day ("every morning" for "six").
    Raises `Unresolved` with a question when the words have no value or several equal ones.
    """
    if parameter.type == "when":
        value = times.resolve_when(words, world.now, parameter.prefer, context)
    elif parameter.type in _RESOLVE:
        value = _RESOLVE[parameter.type](words, parameter, world)
    else:
        value = words.strip()
    if value is None:
        raise Unresolved(Question(f"What do you mean by “{words}”?", parameter=parameter.name))
    return value


def missing(tool: str, parameter: Parameter) -> Question:
    """Return the question for a required value that the command does not have."""
    by_name = _ASK_BY_NAME.get(parameter.name, f"Which {parameter.name.replace('_', ' ')}?")
    text = _ASK.get(parameter.type, by_name) if parameter.name != "time" else by_name
    return Question(text, tool=tool, parameter=parameter.name)
