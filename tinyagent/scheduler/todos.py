"""Reminders as the scheduler sees them: one VTODO with the times at which it rings.

A reminder rings at its VALARMs, without one when it is due; one that is due on a day only rings at nine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tinyagent.tools.ical import moment, next_start, parse, starts, text_of, wall
from tinyagent.tools.occurrences import rule_text

MORNING = timedelta(hours=9)
_EVER = datetime(1, 1, 1, tzinfo=UTC)
_LARGEST = 5_000_000


@dataclass(frozen=True, slots=True)
class Todo:
    """An open reminder.

    `first` is the clock time it is due first, in `zone`; `offsets` are from there to each ring; `absolute`
    are rings at fixed instants (UTC). Nothing rings before `created`.
    """

    uid: str
    name: str
    first: datetime | None
    zone: tzinfo
    offsets: tuple[timedelta, ...]
    absolute: tuple[datetime, ...] = ()
    rule: str = ""
    skipped: frozenset[datetime] = frozenset()
    created: datetime = _EVER

    def rings(self, low: datetime, now: datetime) -> Iterator[datetime]:
        """Yield the rings within (low, now], of a series only the last, and the next after `now` (UTC)."""
        for instant in self.absolute:
            if instant > low:
                yield instant
        for offset in self.offsets:
            for instant in self._series(offset, low, now):
                if instant >= self.created and instant > low:
                    yield instant

    def _series(self, offset: timedelta, low: datetime, now: datetime) -> Iterator[datetime]:
        if self.first is None:
            return
        if not self.rule:
            yield self._instant(self.first) + offset
            return
        begin, here = self._clock(low - offset), self._clock(now - offset)
        try:
            past = [
                s for s in starts(self.rule, self.first, begin, here + timedelta(seconds=1)) if self._kept(s)
            ]
            if past:
                yield self._instant(past[-1]) + offset
            following = next_start(self.rule, self.first, here)
            while following is not None and not self._kept(following):
                following = next_start(self.rule, self.first, following)
        except (ValueError, KeyError, TypeError, OverflowError):
            following = self.first  # no rule that can be followed: at least the first time rings
        if following is not None:
            yield self._instant(following) + offset

    def _kept(self, start: datetime) -> bool:
        return start not in self.skipped

    def _instant(self, clock: datetime) -> datetime:
        return clock.replace(tzinfo=self.zone).astimezone(UTC)

    def _clock(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone).replace(tzinfo=None)


def read_todos(path: Path, zone: ZoneInfo) -> list[Todo]:
    """Return the open reminders in a file; none where it cannot be read or understood (it is left alone)."""
    try:
        if path.stat().st_size > _LARGEST:
            return []
        calendar = parse(path.read_text("utf-8"))
        return [todo for part in calendar.walk("VTODO") if (todo := _todo(part, path, zone))]
    except Exception:  # the library raises many kinds; one bad file must not keep the others from ringing
        return []


def _todo(part: Any, path: Path, zone: ZoneInfo) -> Todo | None:
    ended = text_of(part, "STATUS").upper() in ("COMPLETED", "CANCELLED")
    if ended or "COMPLETED" in part:
        return None
    start, due = moment(part, "DTSTART"), moment(part, "DUE")
    if due is None and start is not None and "DURATION" in part:
        due = start + part["DURATION"].dt
    anchor = due if due is not None else start
    offsets, absolute = _alarms(part, start, due)
    if not offsets and not absolute and due is not None:
        offsets = (timedelta() if isinstance(due, datetime) else MORNING,)
    if not absolute and (anchor is None or not offsets):
        return None
    created = moment(part, "CREATED")
    own = anchor.tzinfo if isinstance(anchor, datetime) else None
    return Todo(
        uid=text_of(part, "UID") or path.stem,
        name=" ".join(text_of(part, "SUMMARY").split()) or "Reminder",
        first=wall(anchor) if anchor is not None else None,
        zone=own or zone,
        offsets=offsets if anchor is not None else (),
        absolute=absolute,
        rule=rule_text(part, anchor) if anchor is not None else "",
        skipped=frozenset(_skipped(part)),
        created=_utc(created, zone) if created else _EVER,
    )


def _alarms(
    part: Any, start: datetime | date | None, due: datetime | date | None
) -> tuple[tuple[timedelta, ...], tuple[datetime, ...]]:
    """Return the rings relative to the due time (or a start without one) and the absolute ones."""
    offsets, absolute = [], []
    for alarm in part.walk("VALARM"):
        trigger = alarm.get("TRIGGER")
        value = getattr(trigger, "dt", None)
        if text_of(alarm, "ACTION").upper() == "NONE" or "ACKNOWLEDGED" in alarm:
            continue
        if isinstance(value, datetime):
            absolute.append(value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))
        elif isinstance(value, timedelta):
            at_end = str(trigger.params.get("RELATED", "START")).upper() == "END"
            if not at_end and start is not None and due is not None:
                value += wall(start) - wall(due)
            offsets.append(value)
    return tuple(dict.fromkeys(offsets)), tuple(dict.fromkeys(absolute))


def _skipped(part: Any) -> Iterator[datetime]:
    given = part.get("EXDATE", [])
    for group in given if isinstance(given, list) else [given]:
        for one in getattr(group, "dts", ()):
            yield wall(one.dt)


def _utc(value: datetime | date, zone: ZoneInfo) -> datetime:
    clock = value if isinstance(value, datetime) else datetime.combine(value, datetime.min.time())
    return (clock if clock.tzinfo else clock.replace(tzinfo=zone)).astimezone(UTC)
