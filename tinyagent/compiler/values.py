"""From the JSON values of a call to the Python values a tool function takes.

A plan holds JSON only, so it can be printed and stored; here the semantic type of each parameter says what
the string means. Values come from the resolvers, but also from stored or hand-written plans: whatever does
not fit ends in a `ToolError` that names the argument.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta
from typing import Any

from tinyagent.calls import Call, Parameter, Tool
from tinyagent.errors import ToolError
from tinyagent.tools.registry import Span

_DURATION = re.compile(
    r"P(?!$)(?:(?P<weeks>\d+(?:\.\d+)?)W)?(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?!$)(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)


def arguments(tool: Tool, call: Call, later: Collection[str] = ()) -> dict[str, Any]:
    """Return the keyword arguments for `tool.function`; arguments given as null are left out.

    Those named in `later` are taken as they are: they refer to a result that is not there yet.
    Raises `ToolError` for an argument the tool does not have, a required one that is missing, and a value
    that is not of its parameter's type.
    """
    known = {parameter.name: parameter for parameter in tool.parameters}
    given = {name: value for name, value in call.args.items() if value is not None}
    for name in given:
        if name not in known:
            raise ToolError(f"{tool.name} has no argument {name}: `tinyagent tools` lists what it takes.")
    for parameter in tool.parameters:
        if parameter.required and parameter.name not in given:
            raise ToolError(f"{tool.name} needs {parameter.name}: say it again with that.")
    return {
        name: value if name in later else _convert(tool, known[name], value) for name, value in given.items()
    }


def _convert(tool: Tool, parameter: Parameter, value: Any) -> Any:
    convert = _CONVERTERS.get(parameter.type)
    if convert is None:
        return value
    try:
        if parameter.type == "enum" and value not in parameter.choices:
            raise ValueError(value)
        return convert(value)
    except (TypeError, ValueError, OverflowError):
        raise ToolError(
            f"{value!r} is not a value for {parameter.name} of {tool.name} ({parameter.type})."
        ) from None


def when(value: str) -> datetime | date:
    """Return the `date` or local `datetime` of an ISO 8601 string; `ValueError` when it is neither."""
    if len(text(value)) == len("2026-03-02"):
        return date.fromisoformat(value)
    return datetime.fromisoformat(value)


def span(value: str) -> Span:
    """Return the span of "start/end" (days or datetimes, end exclusive); `ValueError` when it is none."""
    first, slash, last = text(value).partition("/")
    start, end = _moment(first), _moment(last)
    if not slash or end < start:
        raise ValueError(value)
    return Span(start, end)


def duration(value: str) -> timedelta:
    """Return the length of an ISO 8601 duration from weeks down to seconds; `ValueError` when it is none."""
    match = _DURATION.fullmatch(value)
    if match is None:
        raise ValueError(value)
    return timedelta(**{unit: float(amount) for unit, amount in match.groupdict().items() if amount})


def text(value: Any) -> str:
    """Return a text as it is; `TypeError` for anything else."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def texts(value: Any) -> list[str]:
    """Return a list of texts as it is; `TypeError` for anything else."""
    if not isinstance(value, list):
        raise TypeError(value)
    return [text(item) for item in value]


def number(value: Any) -> int | float:
    """Return a number as it is; `TypeError` for anything else, `ValueError` for one without end."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    if not math.isfinite(value):
        raise ValueError(value)
    return value


def percent(value: Any) -> int | float:
    """Return a number from 0 to 100; `TypeError` or `ValueError` for anything else."""
    if not 0 <= number(value) <= 100:
        raise ValueError(value)
    return number(value)


def boolean(value: Any) -> bool:
    """Return true or false as it is; `TypeError` for anything else."""
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _moment(value: str) -> datetime:
    point = when(value)
    return point if isinstance(point, datetime) else datetime.combine(point, time())


_TEXTS = ("text", "place", "person", "list", "unit", "expr", "recurrence", "enum", "file", "folder", "app")
_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_TEXTS, text),
    "persons": texts,
    "files": texts,
    "when": when,
    "span": span,
    "duration": duration,
    "number": number,
    "percent": percent,
    "bool": boolean,
}
"""By semantic type; a type that is not here, of a toolset from elsewhere, is checked by its tool."""
