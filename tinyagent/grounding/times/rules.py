"""Recurrence rules: their iCalendar text, and the first time that fits one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dateutil.rrule import rrulestr

from tinyagent.grounding.times.calendar_words import WEEKDAY_CODES


@dataclass(frozen=True, slots=True)
class Rule:
    """The parts of an RRULE."""

    freq: str
    interval: int = 1
    days: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    count: int = 0
    until: date | None = None

    def text(self) -> str:
        """Return the rule as iCalendar text, keys in a fixed order, days in week order."""
        order = sorted(dict.fromkeys(self.days), key=lambda day: WEEKDAY_CODES.index(day[-2:]))
        parts = [f"FREQ={self.freq}"]
        parts += [f"INTERVAL={self.interval}"] if self.interval > 1 else []
        parts += ["BYDAY=" + ",".join(order)] if order else []
        parts += ["BYMONTHDAY=" + ",".join(map(str, sorted(set(self.numbers))))] if self.numbers else []
        parts += ["BYMONTH=" + ",".join(map(str, sorted(set(self.months))))] if self.months else []
        parts += [f"COUNT={self.count}"] if self.count else []
        parts += [f"UNTIL={self.until:%Y%m%d}T235959"] if self.until else []
        return ";".join(parts)


def first_occurrence(rrule: str, when: str | None, now: datetime) -> str:
    """Return the first time from `now` on that fits `rrule` at the clock time of `when`, as ISO 8601.

    `when` is an ISO time, an ISO date or None. Without a clock time the answer is a date, except where the
    rule repeats within a day. A `when` that is later than now is where the rule starts.
    """
    timed = when is not None and "T" in when
    start = datetime.fromisoformat(when) if when else now
    within_day = any(freq in rrule for freq in ("HOURLY", "MINUTELY", "SECONDLY"))
    if within_day and not timed:
        return (start if when else now).replace(microsecond=0).isoformat()
    if not timed:
        begin = max(datetime.combine(start.date(), time()), datetime.combine(now.date(), time()))
        found = _first(rrule, begin, begin)
        return str((found or begin).date())
    begin = datetime.combine(min(start, now).date(), start.time())
    if start.date() > now.date() + timedelta(days=1):
        begin = start
    found = _first(rrule, begin, max(now, begin))
    return (found or start).replace(microsecond=0).isoformat()


def _first(rrule: str, begin: datetime, from_: datetime) -> datetime | None:
    rule = ";".join(part for part in rrule.split(";") if not part.startswith("COUNT="))
    found: datetime | None = rrulestr(rule, dtstart=begin).after(from_, inc=True)
    return found
