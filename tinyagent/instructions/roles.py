"""Which argument a way of saying means, and whether words can be its value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from tinyagent.calls import Effect, Parameter, Tool
from tinyagent.grounding import times
from tinyagent.grounding.base import Unresolved, World
from tinyagent.grounding.resolvers import propose, resolve

ROLES: Mapping[str, tuple[str, ...]] = {
    "cc": ("cc",),
    "guests": ("invitees",),
    "recipients": ("recipients",),
    "length": ("duration",),
    "label": ("label", "title", "name", "subject"),
    "subject": ("subject",),
    "where": ("list_name", "folder", "location", "place", "room"),
    "list": ("list_name",),
    "folder": ("folder",),
    "place": ("location", "place"),
    "room": ("room",),
    "priority": ("priority",),
    "repetition": ("recurrence",),
    "time": ("start", "due", "time"),
    "origin": ("origin",),
    "transport": ("transport",),
    "kind": ("kind",),
    "color": ("color",),
    "level": ("level",),
    "notes": ("notes", "content", "body"),
    "period": ("span", "when"),
    "unit": ("to_unit",),
    "query": ("query",),
    "status": ("what",),
}
"""What a wish says of a thing, and the parameters that hold it, the first that a tool has."""

_STRICT = (
    "length",
    "priority",
    "transport",
    "kind",
    "level",
    "repetition",
    "unit",
    "status",
    "period",
    "time",
)
_BY_PREPOSITION: Mapping[str, tuple[str, ...]] = {
    "at": ("time", "where", "level"),
    "in": ("where", "unit"),
    "on": ("where",),
    "for": ("period", "where"),
    "to": ("where", "unit"),
    "by": ("transport",),
    "with": ("guests",),
    "from": ("origin",),
}
_WHOLE_DAY_BREAKERS = frozenset({"duration", "end"})
_EITHER: Mapping[str, frozenset[str]] = {
    "duration": frozenset({"end"}),
    "end": frozenset({"duration"}),
    "level": frozenset({"change"}),
    "change": frozenset({"level"}),
}
_ANYTHING = frozenset("everything all anything it them those that".split())
_NO_NAMES = frozenset(
    "is are last lasts take takes go goes be have has on in at to from about by for when if hour cc copy".split()
)
_BETWEEN = re.compile(r"\s*(?:,|;|&|\+|\band\b|\bas well as\b|\bplus\b)\s*", re.IGNORECASE)
_MOST_WORDS = 20
_REFERENCE = World(datetime(2024, 1, 1))
"""Only the shape of words is looked at under it ("at nine" is a time), never their value."""
_GLUE = frozenset("a an the by on in as priority my of go going".split())


def parameter_of(tool: Tool, role: str) -> Parameter | None:
    """Return the parameter of a tool that has a role; None where there is none."""
    names = {parameter.name: parameter for parameter in tool.parameters}
    return next((names[name] for name in ROLES[role] if name in names), None)


def roles_for(preposition: str, value: str, tools: Sequence[Tool]) -> Iterator[str]:
    """Yield what "meetings are [at] VALUE" may say, the surest first."""
    for role in _STRICT:
        if _takes(tools, role, f"{preposition} {value}" if role == "time" else value):
            yield role
    if not preposition and any(parameter_of(tool, "color") for tool in tools):
        from tinyagent.tools.colors import find_color

        if find_color(value):
            yield "color"
    yield from (role for role in _BY_PREPOSITION.get(preposition, ()) if role not in _STRICT)


def _takes(tools: Sequence[Tool], role: str, value: str) -> bool:
    found = [parameter for tool in tools if (parameter := parameter_of(tool, role))]
    return any(parameter.is_choice and fits(parameter, value) for parameter in found)


def fits(parameter: Parameter, value: str) -> bool:
    """Whether all of `value` says a value of the parameter's type; words that names give are always right."""
    if not value.strip():
        return False
    if parameter.type in ("person", "persons"):
        return all(map(_names_somebody, _BETWEEN.split(value)))
    if not parameter.is_choice:
        return len(value.split()) <= _MOST_WORDS
    try:
        resolve(value, parameter, _REFERENCE)
    except Unresolved:
        return False
    if parameter.type in ("duration", "percent", "number"):
        return True
    return any(_covered(text, parameter) for text in (value, f"at {value}"))


def _names_somebody(words: str) -> bool:
    """Whether words may be a name, a nickname or an address: few, and none that only sentences have."""
    said = words.lower().split()
    return (
        0 < len(said) <= 4 and not set(said) & _NO_NAMES and ("@" in words or not re.search(r"[\d:=]", words))
    )


def _covered(text: str, parameter: Parameter) -> bool:
    """Whether the resolver's runs of words leave nothing but glue."""
    rest = text
    for proposal in propose(text, parameter, _REFERENCE):
        for start, end in proposal.spans:
            rest = rest[:start] + " " * (end - start) + rest[end:]
    return rest != text and set(rest.lower().split()) <= _GLUE


def may_fill(tool: Tool, parameter: Parameter, value: str, words: Mapping[str, str]) -> bool:
    """Whether a default may stand beside what was said.

    A tool that takes something away gets no default, but for the list of an item that was named: no wish may widen
    what is deleted.
    """
    if any(other in words for other in _EITHER.get(parameter.name, ())):
        return False
    if tool.effect is Effect.DESTRUCTIVE and not _names_one(tool, parameter, words):
        return False
    if parameter.name in _WHOLE_DAY_BREAKERS and "start" in words:
        length = times.resolve_duration(value) or "T"
        return "T" not in length or "T" in (times.resolve_when(words["start"], _REFERENCE.now) or "T")
    return not (parameter.name in ("level", "color") and _says_off(tool, words))


def _names_one(tool: Tool, parameter: Parameter, words: Mapping[str, str]) -> bool:
    item = next((words.get(p.name, "") for p in tool.parameters if p.required), "")
    named = bool(item.strip()) and not set(item.lower().split()) & _ANYTHING
    return parameter.type == "list" and not parameter.required and named


def _says_off(tool: Tool, words: Mapping[str, str]) -> bool:
    state = next((p for p in tool.parameters if p.name == "state" and p.name in words), None)
    if state is None:
        return False
    try:
        return bool(resolve(words["state"], state, _REFERENCE) == "off")
    except Unresolved:
        return False
