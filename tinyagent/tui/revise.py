"""Arguments as a person edits them: what they typed becomes a value, edited calls become a plan."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from tinyagent.calls import Call, Parameter, Plan, Tool
from tinyagent.compiler import values
from tinyagent.compiler.results import REFERENCE
from tinyagent.grounding.base import World


def read_value(
    said: str,
    parameter: Parameter,
    tool: Tool,
    world: World,
    args: Mapping[str, Any],
    references: Collection[str] = (),
) -> Any:
    """Return the JSON value of what was typed for an argument: a value as it stands, or words to be grounded.

    `args` are the call's other values: a bare clock time keeps the day that the argument, or the start, has.
    `references` are the results ("$1") that the argument may be. Raises `Unresolved` for words without a value.
    """
    from tinyagent.grounding.mentions import is_pronoun, referent
    from tinyagent.grounding.resolvers import resolve

    text = said.strip()
    if text in references or parameter.type == "text":
        return said if parameter.type == "text" and text not in references else text
    try:
        return _LITERAL[parameter.type](text, parameter)
    except (KeyError, TypeError, ValueError, OverflowError):
        pass
    if is_pronoun(text, parameter):
        return referent(text, parameter, tool, world)
    return resolve(text, parameter, _on_the_day(text, parameter, world, args))


def _on_the_day(text: str, parameter: Parameter, world: World, args: Mapping[str, Any]) -> World:
    """Return the world at the beginning of the argument's day where the words are a bare clock time."""
    from tinyagent.grounding.times import says_only_clock

    if parameter.type != "when" or not says_only_clock(text, world.now):
        return world
    for given in (args.get(parameter.name), args.get("start")):
        try:
            day = values.when(given or "")
        except (TypeError, ValueError):
            continue
        return replace(world, now=datetime.combine(date(day.year, day.month, day.day), time()))
    return world


def _number(text: str, parameter: Parameter) -> Any:
    return values.number(json.loads(text))


def _percent(text: str, parameter: Parameter) -> Any:
    return values.percent(json.loads(text.removesuffix("%")))


def _bool(text: str, parameter: Parameter) -> bool:
    return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}[text.casefold()]


def _enum(text: str, parameter: Parameter) -> str:
    parameter.choices[text.casefold()]
    return text.casefold()


def _recurrence(text: str, parameter: Parameter) -> str:
    from dateutil.rrule import rrulestr

    if not text.upper().startswith("FREQ="):
        raise ValueError(text)
    rrulestr(text)
    return text


def _as_it_is(check: Callable[[str], Any]) -> Callable[[str, Parameter], str]:
    def literal(text: str, parameter: Parameter) -> str:
        check(text)
        return text

    return literal


_LITERAL: dict[str, Callable[[str, Parameter], Any]] = {
    "when": _as_it_is(values.when),
    "span": _as_it_is(values.span),
    "duration": _as_it_is(values.duration),
    "recurrence": _recurrence,
    "number": _number,
    "percent": _percent,
    "bool": _bool,
    "enum": _enum,
}
"""Types whose JSON value can be typed as it is."""


def references_of(call: Call, earlier: int) -> set[int]:
    """Return the indexes below `earlier` whose results the arguments of a call look like taking."""
    found = set()
    for value in call.args.values():
        for one in value if isinstance(value, list) else [value]:
            match = REFERENCE.fullmatch(one) if isinstance(one, str) else None
            if match and 0 < int(match[1]) <= earlier:
                found.add(int(match[1]) - 1)
    return found


def revised(
    plan: Plan, calls: Sequence[Call], depends: Collection[tuple[int, int]], run: Collection[int]
) -> Plan:
    """Return `plan` with these calls instead, of them only those to `run` and what they need, numbered anew."""
    keep = set(run)
    for later, earlier in sorted(depends, reverse=True):
        if later in keep:
            keep.add(earlier)
    place = {old: new for new, old in enumerate(sorted(keep))}
    pairs = sorted((later, earlier) for later, earlier in depends if later in keep)
    renumbered = tuple(
        _renumbered(calls[old], {e: place[e] for later, e in pairs if later == old}) for old in sorted(keep)
    )
    return replace(
        plan, calls=renumbered, depends=tuple((place[later], place[earlier]) for later, earlier in pairs)
    )


def _renumbered(call: Call, place: Mapping[int, int]) -> Call:
    def one(value: Any) -> Any:
        if isinstance(value, list):
            return [one(item) for item in value]
        match = REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if match is None or int(match[1]) - 1 not in place:
            return value
        return f"${place[int(match[1]) - 1] + 1}{value[match.end(1) :]}"

    args = {name: one(value) for name, value in call.args.items()}
    return replace(call, args=args, words={name: one(said) for name, said in call.words.items()})
