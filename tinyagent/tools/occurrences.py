"""When the events of a calendar file take place: recurrences expanded, exceptions and moved ones applied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from tinyagent.tools.ical import local, moment, set_zones_aside, text_of, wall
from tinyagent.tools.rules import starts
from tinyagent.tools.vdir import Item

MOST_IN_SPAN = 1000
"""Of one series; nobody wants to hear more of them, and a rule by the second would give millions."""

_DAYS = re.compile(r"^(?:DTSTART|DTEND|RECURRENCE-ID)[^\r\n]*:(\d{8})", re.MULTILINE | re.IGNORECASE)
_SERIES = re.compile(r"^(?:RRULE|RDATE|DURATION)", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that an event takes place. `start` and `end` (exclusive) are local, dates for all-day ones.

    `component` is the VEVENT that describes it (the series, or the override of this one). `original` is the
    start that the series gives it, as RECURRENCE-ID has it; None for an event that does not recur.
    """

    item: Item[Any]
    component: Any
    start: datetime | date
    end: datetime | date
    original: datetime | date | None = None

    @property
    def uid(self) -> str:
        """The UID of the event."""
        return text_of(self.component, "UID")

    @property
    def title(self) -> str:
        """The title, "(no title)" where it has none."""
        return text_of(self.component, "SUMMARY").strip() or "(no title)"

    @property
    def people(self) -> list[str]:
        """The names of those invited, or their addresses."""
        given = self.component.get("ATTENDEE", [])
        entries = given if isinstance(given, list) else [given]
        return [str(e.params.get("CN") or str(e).lower().removeprefix("mailto:")) for e in entries]

    @property
    def texts(self) -> list[str]:
        """What a query is compared with: title first, then place, notes and people."""
        return [self.title, text_of(self.component, "LOCATION"), text_of(self.component, "DESCRIPTION"),
                *self.people]  # fmt: skip


def occurrences(item: Item[Any], zone: ZoneInfo, low: datetime, high: datetime) -> Iterator[Occurrence]:
    """Yield what takes place in [low, high), local time, of the events in one calendar file, in no order.

    A rule that cannot be expanded counts as a single event at its first time.
    """
    series: dict[str, Any] = {}
    overrides: dict[tuple[str, datetime], Any] = {}
    for event in item.content.walk("VEVENT"):
        replaced = moment(event, "RECURRENCE-ID")
        if replaced is None:
            series[text_of(event, "UID")] = event
        else:
            overrides[text_of(event, "UID"), instant(replaced)] = event
    for uid, event in series.items():
        for start in _series_starts(event, zone, low, high):
            recurs = is_recurring(event)
            if not (recurs and (uid, instant(start)) in overrides):
                yield from _within(item, event, start, start if recurs else None, zone, low, high)
    for event in overrides.values():
        yield from _within(item, event, event.start, moment(event, "RECURRENCE-ID"), zone, low, high)


def may_reach(text: str, low: datetime, high: datetime) -> bool:
    """Whether the events in the text of a file can touch [low, high); a look at its dates instead of parsing.

    True where that is not plain to see. Years of past events then cost almost nothing.
    """
    rest = re.sub(r"\r?\n[ \t]", "", set_zones_aside(text)[0])
    days: list[str] = _DAYS.findall(rest)
    if not days or _SERIES.search(rest):
        return True
    margin = timedelta(days=2)  # for time zones, and for events that say no end
    try:
        return min(days) <= f"{high + margin:%Y%m%d}" and max(days) >= f"{low - margin:%Y%m%d}"
    except OverflowError:
        return True


def is_recurring(event: Any) -> bool:
    """Whether the VEVENT or VTODO describes a series."""
    return "RRULE" in event or "RDATE" in event


def rule_text(component: Any, first: datetime | date) -> str:
    """Return the RRULE, its UNTIL without zone, "" for none; `ValueError` for a malformed one."""
    from icalendar import vRecur

    rule = component.get("RRULE")
    if rule is None:
        return ""
    if not isinstance(rule, dict):
        raise ValueError("not one rule")
    parts = dict(rule)
    if "UNTIL" in parts:
        until = parts["UNTIL"][0] if isinstance(parts["UNTIL"], list) else parts["UNTIL"]
        if isinstance(until, datetime):
            here = first.tzinfo if isinstance(first, datetime) else None
            until = wall(until.astimezone(here) if until.tzinfo and here else until)
        elif isinstance(first, datetime):
            until = wall(until) + timedelta(days=1, seconds=-1)
        parts["UNTIL"] = [until]
    text: str = vRecur(parts).to_ical().decode("utf-8")
    return text


def _series_starts(event: Any, zone: ZoneInfo, low: datetime, high: datetime) -> list[datetime | date]:
    """Return the starts by the series' own clock, with its zone, that can reach into [low, high)."""
    first: datetime | date = event.start
    if not is_recurring(event):
        return [first]
    length = min(wall(event.end) - wall(first), timedelta(days=3660))  # near year 1 it would overflow
    # An hour that summer time skips or repeats may lie between; `_within` decides exactly.
    floor, ceiling = _at(low - length, first, zone) - timedelta(hours=2), _at(high, first, zone)
    try:
        rule = rule_text(event, first)
        found = set(islice(starts(rule, wall(first), floor, ceiling), MOST_IN_SPAN)) if rule else set()
        found.add(wall(first))
    except (ValueError, KeyError, TypeError, OverflowError):
        found = {wall(first)}
    found |= {wall(_like(given, first)) for given in _dates(event, "RDATE")}
    found -= {wall(_like(given, first)) for given in _dates(event, "EXDATE")}
    return [_as(first, start) for start in sorted(found)]


def _within(
    item: Item[Any],
    event: Any,
    begin: datetime | date,
    original: datetime | date | None,
    zone: ZoneInfo,
    low: datetime,
    high: datetime,
) -> Iterator[Occurrence]:
    if text_of(event, "STATUS").upper() == "CANCELLED":
        return
    length = wall(local(event.end, zone)) - wall(local(event.start, zone))
    start = local(begin, zone)
    end = start + length
    # A moment without length still takes place; a stretch that ends as the span begins does not.
    if wall(start) < high and (wall(end) > low or wall(start) == wall(end) >= low):
        yield Occurrence(item, event, start, end, original)


def _dates(event: Any, name: str) -> Iterator[datetime | date]:
    given = event.get(name, [])
    for group in given if isinstance(given, list) else [given]:
        for one in getattr(group, "dts", ()):
            value = one.dt[0] if isinstance(one.dt, tuple) else one.dt  # a PERIOD begins with its start
            yield value


def _like(value: datetime | date, first: datetime | date) -> datetime | date:
    """Return `value` on the clock that `first` is on."""
    if isinstance(value, datetime) and isinstance(first, datetime) and value.tzinfo and first.tzinfo:
        return value.astimezone(first.tzinfo)
    return value


def _as(first: datetime | date, start: datetime) -> datetime | date:
    return start.replace(tzinfo=first.tzinfo) if isinstance(first, datetime) else start.date()


def _at(value: datetime, first: datetime | date, zone: ZoneInfo) -> datetime:
    """Return local `value` by the clock of `first`."""
    here = first.tzinfo if isinstance(first, datetime) else None
    return value.replace(tzinfo=zone).astimezone(here).replace(tzinfo=None) if here else value


def instant(value: datetime | date) -> datetime:
    """Return something to compare starts by, whatever zone they are written in."""
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).replace(tzinfo=None)
    return wall(value)
