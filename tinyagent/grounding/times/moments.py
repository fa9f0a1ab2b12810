"""One moment as it was said, and what it means: a time, a date, or an interval.

A `Moment` is what `moment_reader` puts together; the rules for what was left unsaid (which day, morning or
afternoon) are here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from tinyagent.grounding.times.calendar_days import Day
from tinyagent.grounding.times.calendar_words import LATER_HOURS, PARTS
from tinyagent.grounding.times.clock_times import Clock
from tinyagent.grounding.times.day_parts import NO_DAY, Part

_DAY_SECONDS = 86400


@dataclass(frozen=True, slots=True)
class Moment:
    """What was said of one moment; any of the four may be missing. `exact` is a time counted from another."""

    day: Day | None = None
    clock: Clock | None = None
    part: Part | None = None
    exact: datetime | None = None

    @property
    def is_day(self) -> bool:
        """Whether only a day, or a run of days, was said."""
        return self.clock is None and self.part is None and self.exact is None

    @property
    def bare(self) -> bool:
        """Whether it is a number and nothing more."""
        return self.clock is not None and self.clock.bare and self.day is None and self.part is None

    def instant(self, now: datetime, prefer: str = "day") -> datetime | date:
        """Return the time that it says, or the date where only days were said; see `times.resolve_when`."""
        if self.exact is not None:
            return self.exact
        if self.clock is not None:
            return self._at_clock(self.clock, now, prefer)
        if self.part is not None:
            return self._at_part(self.part, now)
        assert self.day is not None  # a moment says something
        point = self.day.start + timedelta(days=self.day.point)
        return point if self.day.past or self.day.grain == "day" or point >= now.date() else now.date()

    def _date(self, now: datetime) -> date | None:
        """Return the day, if one was said (by the part: "tonight")."""
        if self.day is not None:
            shown = replace(self, clock=None, part=None).instant(now)
            assert not isinstance(shown, datetime)
            return shown
        if self.part is not None and self.part.day != NO_DAY:
            return now.date() + timedelta(days=self.part.day)
        return None

    def _at_clock(self, clock: Clock, now: datetime, prefer: str) -> datetime:
        day = self._date(now)
        part = self.part.name if self.part is not None else ""
        if clock.hour < 0:
            return _next_minute(clock.minute, now, day)
        readings = clock.readings(part)
        if day is None:
            if prefer == "next" or clock.half or part:
                return min(_first_from(now, seconds) for seconds in readings)
            return _waking(readings, now)
        times = [_on(day, seconds) for seconds in readings]
        if prefer == "next" and clock.hour != 12:
            times.sort()
        ahead = [moment for moment in times if moment >= now]
        if day == now.date() and ahead:
            return ahead[0]
        if (
            day == now.date()
            and part in {"night", "late night"}
            and self.part is not None
            and self.part.day == 0
        ):
            return times[0] if times[0] >= now else _first_from(now, readings[0] % _DAY_SECONDS)
        return times[0]

    def _at_part(self, part: Part, now: datetime) -> datetime:
        day = self._date(now)
        hours = PARTS[part.name]
        if hours.default < 0:  # "later": some hours from now, but today
            later = now + timedelta(hours=LATER_HOURS)
            return min(later, _on(now.date(), _DAY_SECONDS - 3600)) if later.date() > now.date() else later
        if day is None:
            return _first_from(now, hours.default * 3600)
        at = _on(day, hours.default * 3600)
        if at < now < _on(day, hours.end * 3600) and day == now.date():
            soon = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)  # the part has begun
            capped = min(soon, _on(day, hours.end * 3600 - 1800))
            return capped if capped >= now else soon
        return at

    def interval(self, now: datetime, anchor: datetime | None = None) -> tuple[datetime, datetime]:
        """Return its start and end (exclusive): whole days, the hours of a part of the day, or one hour.

        What says no day is the first from `anchor` on (from `now`, without one).
        """
        if anchor is not None and self.day is None and (self.part is None or self.part.day in {NO_DAY, 0}):
            now = anchor
        if self.exact is not None:
            return self.exact, self.exact + timedelta(hours=1)
        if self.clock is not None:
            start = self._at_clock(self.clock, now, "day")
            return start, start + timedelta(hours=1)
        if self.part is not None:
            hours = PARTS[self.part.name]
            said = self._date(now)
            day = said or now.date()
            if hours.start < 0:
                return now, _on(day, _DAY_SECONDS)
            end = _on(day, hours.end * 3600)
            if said is None and end <= now:
                day += timedelta(days=1)
            return _on(day, hours.start * 3600), _on(day, hours.end * 3600)
        assert self.day is not None  # a moment says something
        return datetime.combine(self.day.start, time()), datetime.combine(self.day.end, time())


def _on(day: date, seconds: float) -> datetime:
    return datetime.combine(day, time()) + timedelta(seconds=seconds)


def _first_from(now: datetime, seconds: float) -> datetime:
    """Return the first time from now on that the clock shows `seconds` after midnight."""
    found = _on(now.date(), seconds % _DAY_SECONDS)
    return found if found >= now else found + timedelta(days=1)


def _waking(readings: list[int], now: datetime) -> datetime:
    """Return the usual reading of a bare hour.

    Today while it is ahead, in the other half where that is waking.
    """
    best, *others = [_on(now.date(), seconds) for seconds in readings]
    if best >= now:
        return best
    for other in others:
        if other >= now and other.hour >= 12:
            return other
    return best + timedelta(days=1)


def _next_minute(minute: int, now: datetime, day: date | None) -> datetime:
    """Return the next time the clock shows `minute` past the hour ("half past")."""
    found = now.replace(minute=minute, second=0, microsecond=0)
    found = found if found >= now else found + timedelta(hours=1)
    return found if day is None else datetime.combine(day, found.time())
