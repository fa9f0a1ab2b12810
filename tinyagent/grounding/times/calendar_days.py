"""What a reader of days gives: a day, or a run of days, and how two sayings of a day combine.

"friday" and "the 13th" are one day together, as are "wednesday" and "next week".
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from tinyagent.grounding.times.calendar_words import SEASONS

FIRST_YEAR, LAST_YEAR = 1900, 2200
_YEARS_TO_TRY = 30
_MONTHS_TO_TRY = 12 * 28
_RECENT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Day:
    """A run of whole days from `start` to `end` (exclusive).

    `grain` is what was said: "day", "days", "week", "weekend", "month", "quarter", "season", "year",
    "decade". `weekday` is set where only a weekday was said (Monday is 0), `number` where only a day of the
    month was, and `open_year` where day and month were said without a year; these are what a second saying
    can make exact. `past` marks words that look back, `shift` marks "in two weeks", which a weekday can make
    exact.
    """

    start: date
    end: date
    grain: str = "day"
    weekday: int = -1
    number: int = 0
    open_year: bool = False
    past: bool = False
    shift: bool = False
    point: int = 0  # days from `start` to the day that stands for all, where that is not the first


def one_day(day: date, **marks: object) -> Day:
    """Return the `Day` of a single date."""
    return replace(Day(day, day + timedelta(days=1)), **marks)  # type: ignore[arg-type]


def run(start: date, days: int, grain: str = "days", **marks: object) -> Day:
    """Return `days` days from `start`."""
    return replace(Day(start, start + timedelta(days=days), grain), **marks)  # type: ignore[arg-type]


def make_date(year: int, month: int, day: int) -> date | None:
    """Return the date, or None where the calendar has none (30 February) or the year is out of reach."""
    if not FIRST_YEAR <= year <= LAST_YEAR or not 1 <= month <= 12:
        return None
    return date(year, month, day) if 1 <= day <= calendar.monthrange(year, month)[1] else None


def next_month_day(today: date, month: int, day: int) -> date | None:
    """Return the first such day from today on; 29 February may be years away."""
    for year in range(today.year, today.year + 9):
        found = make_date(year, month, day)
        if found and found >= today:
            return found
    return None


def next_number(today: date, number: int) -> date | None:
    """Return the first day from today on that is the `number`th of its month."""
    month = today.replace(day=1)
    for _ in range(12):
        found = make_date(month.year, month.month, number)
        if found and found >= today:
            return found
        month += relativedelta(months=1)
    return None


def week_of(day: date) -> date:
    """Return the Monday of the week."""
    return day - timedelta(days=day.weekday())


def coming(today: date, weekday: int) -> date:
    """Return the next such weekday after today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def month_span(year: int, month: int, months: int = 1, grain: str = "month") -> Day:
    """Return `months` whole months from the first of a month."""
    start = date(year, month, 1)
    return Day(start, start + relativedelta(months=months), grain)


def season_span(today: date, name: str, offset: int = 0) -> Day:
    """Return the season now running or the next one; `offset` counts years from it."""
    month = SEASONS[name]
    year = today.year - (month == 12 and today.month < 3)
    span = month_span(year, month, 3, "season")
    while span.end <= today:
        year += 1
        span = month_span(year, month, 3, "season")
    return month_span(year + offset, month, 3, "season")


def nth_weekday(span: Day, weekday: int, nth: int) -> date | None:
    """Return the nth such weekday in a span (-1: the last), or None where it has fewer."""
    if nth < 0:
        last = span.end - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7 + 7 * (-1 - nth))
    first = span.start + timedelta(days=(weekday - span.start.weekday()) % 7)
    found = first + timedelta(weeks=nth - 1)
    return found if found < span.end else None


def merge(first: Day, second: Day, today: date) -> Day | None:
    """Return the one day that two sayings mean together, or None where they do not fit together."""
    for one, other in ((first, second), (second, first)):
        if one.weekday >= 0:
            found = _with_weekday(one, other, today)
            if found is not None:
                return found
        if one.number and other.grain == "month":
            exact = make_date(other.start.year, other.start.month, one.number)
            return one_day(exact) if exact else None
        if one.open_year and other.grain == "year":
            exact = make_date(other.start.year, one.start.month, one.start.day)
            return one_day(exact) if exact else None
        if one.grain in {"month", "season", "quarter"} and other.grain == "year" and one.open_year:
            return one_year(one, other.start.year)
    return None


def one_year(span: Day, year: int) -> Day:
    """Return the same months in another year."""
    years = relativedelta(years=year - span.start.year)
    return Day(span.start + years, span.end + years, span.grain)


def _with_weekday(said: Day, other: Day, today: date) -> Day | None:
    """Fit a weekday to a day of the month, a date without a year, a week or a date counted in weeks."""
    weekday = said.weekday
    if other.number:
        return _weekday_number(today, weekday, other.number)
    if other.open_year:
        return one_day(_weekday_year(today, weekday, other.start))
    if other.shift and (other.start - today).days % 7:
        return one_day(other.start + timedelta(days=(weekday - other.start.weekday()) % 7))
    if other.grain in {"week", "weekend"} or other.shift:
        return one_day(week_of(other.start) + timedelta(days=weekday), past=other.past)
    if other.grain == "month":
        return None
    if other.grain == "day" and other.weekday < 0:
        return other  # a date that says all; the weekday adds nothing
    return None


def _weekday_number(today: date, weekday: int, number: int) -> Day | None:
    """Return the next day that is both ("friday the 13th")."""
    month = today.replace(day=1)
    for _ in range(_MONTHS_TO_TRY):
        found = make_date(month.year, month.month, number)
        if found and found >= today and found.weekday() == weekday:
            return one_day(found)
        month += relativedelta(months=1)
    return None


def _weekday_year(today: date, weekday: int, day: date) -> date:
    """Return the year's date that falls on the weekday: a recent one, else the next; else the date as it is.

    People who say "friday, june 15th" on the 20th speak of the one five days ago. A weekday that fits no near
    year is taken for a slip: the date counts.
    """
    last = make_date(day.year - 1, day.month, day.day)
    if day.weekday() != weekday and last and last.weekday() == weekday and today - last <= _RECENT:
        return last
    return day
