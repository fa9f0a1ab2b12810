"""What a bound leaves: "before friday", "until may", "since yesterday", "after six" as intervals.

A bound has one end of its own. The other is now or a year away; where the words speak of what has been
(`Scan.past`), it is the end of today and, backwards, `calls.EARLIEST`.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from tinyagent.calls import EARLIEST
from tinyagent.grounding.times.moments import Moment
from tinyagent.grounding.times.ranges import Interval
from tinyagent.grounding.times.time_tokens import Scan

_UP_TO = frozenset({"before", "until", "till", "by"})
_ALWAYS = timedelta(days=365)  # how far "after friday" and "before friday" reach without another end


def bounded(word: str, moment: Moment, scan: Scan) -> Interval | None:
    """Return the interval that `word` ("before", "until", "since", "after", ...) makes of a moment.

    None where it would be empty and, in words that look back, where the moment has not begun.
    """
    if scan.past:
        return _bounded_past(word, moment, scan)
    now = scan.now.replace(microsecond=0)
    start, end = moment.interval(now)
    if word in _UP_TO:
        limit = _limit(word, moment, start, end)
        begin = now
        if moment.day is not None and moment.clock is not None and start.date() > now.date():
            begin = datetime.combine(start.date(), time()) if word == "before" else now
        return (begin, limit) if begin < limit else (limit - _ALWAYS, limit)
    if word == "since":
        return (start, now) if start < now else (start - _ALWAYS, now)
    if moment.is_day:
        return end, end + _ALWAYS
    return start, midnight_after(start)


def _bounded_past(word: str, moment: Moment, scan: Scan) -> Interval | None:
    start, end = moment.interval(scan.now, scan.anchor)
    if start > scan.now:
        return None
    if word in _UP_TO:
        begin = EARLIEST if moment.clock is None else datetime.combine(start.date(), time())
        limit = _limit(word, moment, start, end)
        return (begin, limit) if begin < limit else None
    if word == "since" or moment.is_day:
        return start if word == "since" else end, midnight_after(scan.now)
    return start, midnight_after(start)


def _limit(word: str, moment: Moment, start: datetime, end: datetime) -> datetime:
    """Return where "before" and "until" stop: a day said after "until" counts, as does the end of a month."""
    day = moment.day if moment.is_day else None
    if day is not None and day.point:
        return start + timedelta(days=day.point + 1)
    return end if day is not None and word != "before" and day.grain == "day" else start


def midnight_after(at: datetime) -> datetime:
    """Return the midnight that ends the day."""
    return datetime.combine(at.date() + timedelta(days=1), time())
