"""Which alarms and timers a person means: by time, by label, the next, all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from rapidfuzz import fuzz

from tinyagent.errors import NotFoundError, ToolError
from tinyagent.tools.clock_store import Entry
from tinyagent.tools.clock_words import say_alarm
from tinyagent.tools.ical import starts
from tinyagent.tools.phrases import join, say_when

_NEAR = 80.0
_GLUE = frozenset({"the", "my", "a", "an", "for", "alarm", "alarms", "timer", "timers", "called", "one"})


def occurs_in(entry: Entry, low: datetime, high: datetime) -> bool:
    """Whether an alarm rings within [low, high), local times."""
    if low <= entry.when < high:
        return True
    if not entry.recurrence or high <= entry.when:
        return False
    try:
        rung = starts(entry.recurrence, datetime.fromisoformat(entry.start or entry.due), low, high)
        return next(rung, None) is not None
    except (ValueError, KeyError, TypeError):
        return False  # a rule edited by hand; its next time still counts


def choose_alarms(
    alarms: Sequence[Entry], now: datetime, time: datetime | date | None, label: str | None, which: str | None
) -> list[Entry]:
    """Return the alarms to cancel, of `alarms` in order of time.

    Raises `NotFoundError` where none fits, `ToolError` naming the choices where several do.
    """
    if not alarms:
        raise NotFoundError("No alarm is set.")
    found = list(alarms)
    if time is not None:
        found = _at(found, time)
    if label:
        found = labelled(found, label)
    if not found:
        when = f" {say_when(time, now)}" if time is not None else ""
        named = f" called {label}" if label else ""
        raise NotFoundError(
            f"There is no alarm{when}{named}; there is {join([say_alarm(e, now) for e in alarms[:6]])}."
        )
    if which == "next":
        return found[:1]
    if len(found) > 1 and which != "all":
        raise ToolError(f"Which one: {join([say_alarm(e, now) for e in found[:6]], 'or')}?")
    return found


def _at(alarms: Sequence[Entry], time: datetime | date) -> list[Entry]:
    """Return those at the time: that very time, else that time of day; for a date those of the day."""
    if not isinstance(time, datetime):
        low = datetime(time.year, time.month, time.day)
        return [e for e in alarms if occurs_in(e, low, low + timedelta(days=1))]
    exact = [e for e in alarms if occurs_in(e, time, time + timedelta(minutes=1))]
    return exact or [e for e in alarms if (e.when.hour, e.when.minute) == (time.hour, time.minute)]


def labelled(entries: Sequence[Entry], label: str) -> list[Entry]:
    """Return the entries whose label the words mean: the same, else containing, else spelt nearly so.

    A timer also goes by its length ("ten minute").
    """
    wanted = _words(label)
    if not wanted:
        return list(entries)
    same = [e for e in entries if _words(e.label) == wanted]
    within = [e for e in entries if e.label and set(wanted) <= set(_words(e.label))]
    if same or within:
        return same or within
    text = " ".join(wanted)
    return [e for e in entries if e.label and fuzz.ratio(text, " ".join(_words(e.label))) >= _NEAR] or [
        e for e in entries if e.kind == "timer" and _length(label) == e.seconds
    ]


def _length(words: str) -> int:
    from tinyagent.grounding.numbers import parse_number
    from tinyagent.grounding.units import resolve_unit

    kept = [word for word in words.casefold().replace("-", " ").split() if word not in _GLUE - {"a", "an"}]
    unit = {"second": 1, "minute": 60, "hour": 3600}.get(resolve_unit(kept[-1]) or "") if kept else None
    number = parse_number(" ".join(kept[:-1])) if unit else None
    return round(number * unit) if number is not None and unit else -1


def _words(label: str) -> list[str]:
    words = "".join(c if c.isalnum() else " " for c in label.casefold().replace("'s", "")).split()
    return [word for word in words if word not in _GLUE] or words
