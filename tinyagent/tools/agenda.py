"""All calendars of a person read as one agenda: what takes place when, and which event is meant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tinyagent.errors import NotFoundError, ToolError
from tinyagent.tools.context import Context
from tinyagent.tools.ical import parse, text_of, wall
from tinyagent.tools.matching import Query, fitting, fold, meant, score
from tinyagent.tools.occurrences import Occurrence, may_reach, occurrences
from tinyagent.tools.phrases import join, say_range, short, when_words
from tinyagent.tools.vdir import collections, unreadable_note

AHEAD = timedelta(days=366)
BEHIND = timedelta(days=30)
NAME_SCORE = 75.0
EARLIEST, LATEST = datetime(1901, 1, 1), datetime(2200, 1, 1)
"""A span without bounds ("ever") ends here; at the ends of the calendar, changing zones overflows."""


class Agenda:
    """The calendars below `ctx.folders.calendars`, read at every look; `StoreError` where they cannot be listed."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._vdirs = collections(ctx.folders.calendars, ".ics", parse)

    def between(self, low: datetime, high: datetime) -> list[Occurrence]:
        """Return what takes place in [low, high), local time, by start."""
        low, high = max(low, EARLIEST), min(high, LATEST)
        found = [
            one
            for vdir in self._vdirs
            for item in vdir.select(lambda text: may_reach(text, low, high))
            for one in occurrences(item, self._ctx.timezone, low, high)
        ]
        return sorted(found, key=lambda one: (wall(one.start), isinstance(one.start, datetime), one.title))

    def note(self) -> str:
        """Return one sentence about files that could not be read, "" where there are none."""
        return unreadable_note(self._vdirs)

    def next_meant(self, asked: Query) -> Occurrence:
        """Return the one event that the words mean: the next of a series, the latest where all are past.

        Raises `NotFoundError` for none, `ToolError` naming the choices for several.
        """
        now = self._ctx.now
        upcoming = _first_each(self.between(now, now + AHEAD))
        if not meant(asked, upcoming, self._texts):
            upcoming = _first_each(self.between(now - BEHIND, now)[::-1])
        found = self.choose(upcoming, asked)
        if len(found) > 1:
            raise ToolError(_which(found, now))
        return found[0]

    def choose(self, at_hand: Sequence[Occurrence], asked: Query) -> list[Occurrence]:
        """Return the events at hand that the words mean: one, those of a series, or all where all are meant.

        Raises `NotFoundError` for none, `ToolError` naming the choices for several equally good ones.
        """
        found = meant(asked, at_hand, self._texts)
        if not found:
            what = f"event like “{short(asked.text)}”" if asked.words else "event"
            note = self.note()
            raise NotFoundError(f"I found no {what} there." + (f" {note}" if note else ""))
        one_series = len({one.uid for one in found}) == 1
        if len(found) > 1 and not (one_series or asked.several or not asked.text):
            raise ToolError(_which(found, self._ctx.now))
        return found

    def _texts(self, one: Occurrence) -> Sequence[str]:
        return [*one.texts, when_words(one.start, self._ctx.now)]


def matching(found: Sequence[Occurrence], asked: Query, person: str | None) -> list[Occurrence]:
    """Return the occurrences that fit the words and name the person: as invited, in title or notes."""
    kept = fitting(asked, found, lambda one: one.texts)
    if not person:
        return kept
    name = Query(fold(person), tuple(fold(person).split()), (), False)
    first = Query(name.text, name.words[:1], (), False)
    # Titles are mostly "Lunch with Ana": the first name alone is enough there, not in a list of full names.
    return [
        one
        for one in kept
        if max((score(name, guest) for guest in one.people), default=0.0) >= NAME_SCORE
        or max(score(first, "", [text]) for text in one.texts[:3]) >= NAME_SCORE
    ]


def describe(one: Occurrence, now: datetime) -> str:
    """Return an occurrence as one says it: “Dentist” tomorrow from 15:00 to 16:00, at Main Street."""
    place = text_of(one.component, "LOCATION")
    said = f"“{short(one.title)}” {say_range(one.start, one.end, now)}"
    said += f", at {short(place)}" if place else ""
    return said + (f", with {join(one.people[:6])}" if one.people else "")


def plain(one: Occurrence) -> dict[str, Any]:
    """Return an occurrence as JSON data; `end` is exclusive, as in the file."""
    return {
        "uid": one.uid,
        "title": one.title,
        "start": one.start.isoformat(),
        "end": one.end.isoformat(),
        "all_day": not isinstance(one.start, datetime),
        "location": text_of(one.component, "LOCATION") or None,
        "invitees": one.people,
        "notes": text_of(one.component, "DESCRIPTION") or None,
        "recurring": one.original is not None or "RRULE" in one.component,
        "path": str(one.item.path),
    }


def _first_each(found: Sequence[Occurrence]) -> list[Occurrence]:
    first: dict[str, Occurrence] = {}
    for one in found:
        first.setdefault(one.uid, one)
    return list(first.values())


def _which(found: Sequence[Occurrence], now: datetime) -> str:
    names = [f"“{short(one.title)}” {say_range(one.start, one.end, now)}" for one in found[:5]]
    return f"Which one: {join(names, 'or')}?"
