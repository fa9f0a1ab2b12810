"""Recurrence rules (RRULE): when a series takes place, without letting a hostile rule keep the machine busy.

`dateutil` is imported where it is used: every command loads the toolsets, few need it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice

from tinyagent.errors import ToolError

MOST_OCCURRENCES = 50_000
"""Of one rule; a rule that needs more to reach the span asked for is treated as ended."""
_BY_CLOCK = re.compile(r"FREQ=(SECONDLY|MINUTELY|HOURLY)", re.IGNORECASE)


def wall(value: datetime | date) -> datetime:
    """Return the clock time of `value` where it was written, without zone; midnight for a date."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.combine(value, time())


def starts(rule: str, first: datetime, low: datetime, high: datetime) -> Iterator[datetime]:
    """Yield the starts of a recurrence within [low, high), as clock times without zone.

    `first` is the first occurrence; an UNTIL in `rule` must have no zone. Raises `ValueError` for a rule that
    is malformed or that could keep the machine busy for hours (by the second, with conditions).
    """
    from dateutil.rrule import rrulestr

    if _BY_CLOCK.match(rule) and re.search(r";BY(?!DAY|HOUR)", rule, re.IGNORECASE):
        raise ValueError("too fine a rule")
    for start in islice(rrulestr(rule, dtstart=_forward(rule, first, low)), MOST_OCCURRENCES):
        if start >= high:
            return
        if start >= low:
            yield start


def next_start(rule: str, first: datetime, after: datetime) -> datetime | None:
    """Return the first occurrence later than `after`, None where the recurrence has ended."""
    horizon = max(after, first) + timedelta(days=366 * 9)  # a 29 February may be eight years away
    return next(starts(rule, first, after + timedelta(seconds=1), horizon), None)


def first_of(rule: str, first: datetime | date) -> datetime | date:
    """Return the first occurrence from `first` on; `ToolError` for a rule that has none or is malformed."""
    try:
        found = next_start(rule, wall(first), wall(first) - timedelta(seconds=1))
    except (ValueError, KeyError, TypeError):
        raise ToolError(f"I do not understand how often: {rule!r} is not a recurrence.") from None
    if found is None:
        raise ToolError("That recurrence never happens: say how often in other words.")
    return found if isinstance(first, datetime) or found.time() != time() else found.date()


def in_short_months(rule: str, first: datetime | date) -> str:
    """Return a plain "every month" from the 29th on so that shorter months have it on their last day.

    The standard would skip those months; nobody who pays rent on the 31st means that.
    """
    parts = rule.upper().split(";")
    plain = "FREQ=MONTHLY" in parts and not any(part.startswith("BY") for part in parts)
    if not plain or first.day <= 28:
        return rule
    return f"{rule};BYMONTHDAY={','.join(str(day) for day in range(28, first.day + 1))};BYSETPOS=-1"


def _forward(rule: str, first: datetime, low: datetime) -> datetime:
    """Skip to near `low` where the rule is plain, so that an old "every hour" costs nothing."""
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    unit = {"SECONDLY": 1, "MINUTELY": 60, "HOURLY": 3600, "DAILY": 86400}.get(parts.get("FREQ", ""))
    if unit is None or set(parts) - {"FREQ", "INTERVAL", "UNTIL", "WKST"} or low <= first:
        return first
    step = unit * int(parts.get("INTERVAL", "1"))
    return first + timedelta(seconds=int((low - first).total_seconds()) // step * step)
