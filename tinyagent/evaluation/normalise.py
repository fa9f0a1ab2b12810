"""Argument values made comparable: two values are the same when their normal forms are equal.

Text: Unicode form, case, articles, punctuation and the possessive 's do not count. Times: equal to the
minute; a date and a datetime at 00:00 differ. Durations by seconds, numbers by value, lists as sets,
recurrences by their parts. A span is "start/end" or {"start", "end"}; a single date equals the span of that
day. What a value is, is read from its form; `kind` adds what the form does not show ("list", "expr",
"phone").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

Normal = tuple[Any, ...]
"""A hashable normal form: the kind of value first."""

DATETIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
DURATION = re.compile(
    r"P(?=.)(?:(?P<weeks>\d+(?:\.\d+)?)W)?(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
RECURRENCE = re.compile(r"(RRULE:)?([A-Z]+=[^;]+;)*FREQ=", re.IGNORECASE)
NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
ARTICLE = re.compile(r"\b(a|an|the)\b")
KINDS = {"list_name": "list", "expression": "expr", "phone": "phone"}
"""Parameters whose kind the metrics tell by name."""


def same(expected: Any, got: Any, kind: str = "") -> bool:
    """Whether two argument values mean the same."""
    left, right = normalise(expected, kind), normalise(got, kind)
    if left == right:
        return True
    if "list" in (left[0], right[0]):
        return _as_set(left) == _as_set(right)
    if "span" in (left[0], right[0]):
        return _as_span(left) == _as_span(right)
    return False


def normalise(value: Any, kind: str = "") -> Normal:
    """Return the normal form of a JSON value (also of date, datetime and timedelta). Never raises."""
    if value is None or isinstance(value, bool):
        return ("constant", value)
    if isinstance(value, int | float):
        return ("number", float(value))
    if isinstance(value, datetime):
        return ("datetime", value.replace(tzinfo=None, second=0, microsecond=0))
    if isinstance(value, date):
        return ("date", value)
    if isinstance(value, timedelta):
        return ("duration", value.total_seconds())
    if isinstance(value, list | tuple | set | frozenset):
        return ("list", frozenset(normalise(part, kind) for part in value))
    if isinstance(value, Mapping):
        if {"start", "end"} <= set(value):
            return ("span", normalise(value["start"]), normalise(value["end"]))
        return ("map", frozenset((key, normalise(part)) for key, part in value.items()))
    return _string(str(value).strip(), kind)


def _string(value: str, kind: str) -> Normal:
    if kind == "expr":
        return ("expr", _expression(value))
    if kind == "phone":
        return ("phone", re.sub(r"[^\d+]", "", value) or value.casefold())
    start, slash, end = value.partition("/")
    if slash and _time(start) and _time(end):
        return ("span", _time(start), _time(end))
    if RECURRENCE.match(value):
        return ("recurrence", _recurrence(value))
    if NUMBER.fullmatch(value):
        return ("number", float(value.replace(",", "")))
    return _time(value) or _duration(value) or ("text", _text(value, kind))


def _time(value: str) -> Normal | None:
    value = value.strip()
    try:
        if DATETIME.fullmatch(value):
            return normalise(datetime.fromisoformat(value))
        if DATE.fullmatch(value):
            return ("date", date.fromisoformat(value))
    except ValueError:
        pass  # the form of a time but no such day: plain text
    return None


def _duration(value: str) -> Normal | None:
    found = DURATION.fullmatch(value.upper())
    if found is None:
        return None
    parts = {name: float(number) for name, number in found.groupdict().items() if number}
    return ("duration", timedelta(**parts).total_seconds())


def _recurrence(value: str) -> frozenset[tuple[str, frozenset[str]]]:
    daily, weekly = frozenset({"DAILY"}), frozenset({"WEEKLY"})
    parts: dict[str, frozenset[str]] = {}
    for part in value.upper().removeprefix("RRULE:").split(";"):
        name, _, values = part.partition("=")
        if name.strip():
            parts[name.strip()] = frozenset(v.strip().removeprefix("+") for v in values.split(","))
    parts.pop("WKST", None)
    if parts.get("INTERVAL") == frozenset({"1"}):
        del parts["INTERVAL"]
    if "BYDAY" in parts and "INTERVAL" not in parts and parts.get("FREQ", daily) in (daily, weekly):
        # every day that is a Monday = every week on Monday; every week on all seven days = every day
        parts["FREQ"] = daily if len(parts["BYDAY"]) == 7 else weekly
        if parts["FREQ"] == daily:
            del parts["BYDAY"]
    return frozenset(parts.items())


def _expression(value: str) -> str:
    for sign, plain in (("×", "*"), ("·", "*"), ("÷", "/"), ("−", "-"), ("^", "**"), (",", "")):
        value = value.replace(sign, plain)
    value = re.sub(r"(?<=\d)\.0+\b", "", value.casefold())
    return re.sub(r"\s+", "", value)


def _text(value: str, kind: str) -> str:
    plain = unicodedata.normalize("NFKC", value).casefold().replace("’", "'")
    words = re.sub(r"(?<=\w)'s\b", "", plain)
    words = re.sub(r"(?<=s)'(?=\s|$)", "", words).replace("'", "")
    words = re.sub(r"[^\w]+|_", " ", words)
    words = " ".join(ARTICLE.sub(" ", words).split())
    if kind == "list":
        # "the grocery list" and a list called "groceries" are the same list
        words = re.sub(r"(?<=[^s])s$", "", re.sub(r"ies$", "y", words.removesuffix(" list")))
    return words or plain


def _as_set(value: Normal) -> frozenset[Normal]:
    if value[0] == "list":
        parts: frozenset[Normal] = value[1]
        return parts
    return frozenset({value})


def _as_span(value: Normal) -> Normal:
    """Spell a span out as two datetimes; a date is its day."""
    if value[0] == "date":
        day: date = value[1]
        return ("span", _midnight(value), _midnight(("date", day + timedelta(days=1))))
    if value[0] == "span":
        return ("span", _midnight(value[1]), _midnight(value[2]))
    return value


def _midnight(value: Normal) -> Normal:
    if value[0] == "date":
        return ("datetime", datetime.combine(value[1], datetime.min.time()))
    return value
