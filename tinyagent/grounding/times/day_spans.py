"""Reads parts of longer times: "the end of the month", "early next week", "the last friday of june"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from tinyagent.grounding.times.absolute_dates import read_date
from tinyagent.grounding.times.calendar_days import (
    Day,
    make_date,
    month_span,
    nth_weekday,
    one_day,
    run,
    week_of,
)
from tinyagent.grounding.times.calendar_words import MONTHS, WEEKDAYS
from tinyagent.grounding.times.durations import read_amount
from tinyagent.grounding.times.time_numbers import read_ordinal, read_year
from tinyagent.grounding.times.time_tokens import Scan

Reader = Callable[[Scan, int], tuple[Day, int] | None]

_STAGES = {"beginning": "start", "start": "start", "middle": "middle", "end": "end", "rest": "rest",
           "remainder": "rest"}  # fmt: skip
_ADJECTIVES = {"early": "start", "late": "end", "mid": "middle", "later": "rest", "earlier": "start"}
_SHORT = {"eom": "month", "eoy": "year", "eow": "week"}
_UNITS = frozenset({"week", "month", "year", "weekend", "quarter"})


def read_stage(scan: Scan, i: int, inner: Reader) -> tuple[Day, int] | None:
    """Read "the end of X", "early X", "the second half of X", "the rest of X" where `inner` reads X."""
    if scan.words[i] in _SHORT:
        return _cut(_unit_now(scan.anchor.date(), _SHORT[scan.words[i]]), "end", scan.now.date()), i + 1
    j = i + (scan.words[i] == "the")
    word = scan.words[j]
    stage = ""
    if word in _STAGES and scan.words[j + 1] == "of":
        stage, j = _STAGES[word], j + 2
    elif word in _ADJECTIVES and j == i:
        stage, j = _ADJECTIVES[word], j + 1
        j += scan.words[j] == "-"
        j += scan.words[j] == "in"
    else:
        half = read_ordinal(scan, j)
        if half and half[0] in {1, 2} and scan.words[half[1] : half[1] + 2] == ["half", "of"]:
            stage, j = ("first half" if half[0] == 1 else "second half"), half[1] + 2
    if not stage:
        return None
    found = _span_in_stage(scan, j, inner)
    if found is None or found[0].grain == "day":
        return None
    return _cut(found[0], stage, scan.now.date()), found[1]


def _span_in_stage(scan: Scan, j: int, inner: Reader) -> tuple[Day, int] | None:
    """Read the X of "the end of X": also "the month", "january", "year", which alone would say too little."""
    k = j + (scan.words[j] in {"the", "this"})
    if scan.words[k] in _UNITS and (k > j or scan.closes(k + 1)):
        at = scan.now if scan.words[j] == "this" else scan.anchor
        return _unit_now(at.date(), scan.words[k]), k + 1
    if scan.words[k] in MONTHS:
        month = MONTHS[scan.words[k]]
        date_follows = read_date(scan, k)
        if date_follows and date_follows[0].grain == "month":
            return date_follows
        if date_follows is None:
            today = scan.anchor.date()
            return month_span(today.year + (month < today.month), month), k + 1
        return None
    year = read_year(scan, j)
    if year:
        return month_span(year[0], 1, 12, "year"), year[1]
    return inner(scan, j)


def _unit_now(today: date, unit: str) -> Day:
    if unit in {"week", "weekend"}:
        monday = week_of(today)
        return run(monday, 7, "week") if unit == "week" else run(monday + timedelta(days=5), 2, "weekend")
    if unit == "quarter":
        return month_span(today.year, (today.month - 1) // 3 * 3 + 1, 3, "quarter")
    return month_span(today.year, today.month if unit == "month" else 1, 1 if unit == "month" else 12, unit)


def _cut(span: Day, stage: str, today: date) -> Day:
    """Return a stage of a span: thirds for start, middle and end, halves, or what is left of it."""
    days = (span.end - span.start).days
    if stage == "rest":
        start = max(span.start, min(today, span.end - timedelta(days=1)))
        return Day(start, span.end, "days")
    if stage in {"first half", "second half"}:
        middle = _middle(span)
        return Day(span.start, middle, "days") if stage == "first half" else Day(middle, span.end, "days")
    if span.grain in {"year", "quarter", "season", "decade"}:
        months = relativedelta(months=max(1, round(days / 30.4 / 3)))
        first, second = span.start + months, span.end - months
    else:
        third = timedelta(days=max(1, days // 3))
        first, second = span.start + third, span.end - third
        if span.grain == "week":
            second = span.start + timedelta(days=3)  # its end starts on Thursday, and is due on Friday
    if stage == "start":
        return Day(span.start, first, "days")
    if stage == "middle":
        half = (_middle(span) - first).days
        return Day(first, max(second, first + timedelta(days=1)), "days", point=half)
    last = (span.end - second).days - 1
    if span.grain == "week" and days == 7:
        last = 4 - (second - span.start).days  # the end of the week is its Friday
    return Day(second, span.end, "days", point=max(0, last))


def _middle(span: Day) -> date:
    """Return the day that halves a span: the 15th of a month, the 1st of July of a year."""
    months = (span.end.year - span.start.year) * 12 + span.end.month - span.start.month
    if span.start.day == span.end.day == 1 and months:
        half = span.start + relativedelta(months=months // 2)
        return half + timedelta(days=14) if months % 2 else half
    return span.start + timedelta(days=(span.end - span.start).days // 2)


def read_nth(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "the last friday of the month", "the first week of may", "the last day of march"."""
    j = i + (scan.words[i] == "the")
    if scan.words[j] == "week" and 0 < scan.tokens[j + 1].number <= 53:
        return _numbered_week(scan, j + 2, scan.tokens[j + 1].number)
    if scan.words[j] == "last":
        nth, k = -1, j + 1
    else:
        ordinal = read_ordinal(scan, j)
        if ordinal is None or ordinal[0] > 31:
            return None
        nth, k = ordinal
    counted = _counted(scan, k, nth)
    if counted:
        return counted
    unit = scan.words[k]
    if unit not in WEEKDAYS and unit not in {"day", "week", "weekend", "month"} and not _of(scan, k):
        return None
    m = k + (1 if not _of(scan, k) else 0)
    if not _of(scan, m):
        return None
    whole = _whole(scan, m + 1)
    if whole is None:
        return None
    span, end = whole
    if not _of(scan, k):
        day = _nth_unit(span, unit, nth)
    else:
        exact = (
            make_date(span.start.year, span.start.month, nth) if span.grain == "month" and nth > 0 else None
        )
        day = one_day(exact) if exact else None
    if day is not None and day.end <= scan.anchor.date() and span.open_year:
        later = relativedelta(years=1)
        day = _nth_unit(Day(span.start + later, span.end + later, span.grain), unit, nth)
    if (
        day is not None
        and day.end <= scan.anchor.date()
        and scan.words[m + 1] == "the"
        and span.grain == "month"
    ):
        day = _nth_unit(month_span(span.end.year, span.end.month), unit, nth)  # of the month: the coming one
    return (day, end) if day else None


def _counted(scan: Scan, k: int, nth: int) -> tuple[Day, int] | None:
    """Read the rest of "the first two weeks of july", "the last four months of 2021"."""
    length = read_amount(scan, k) if nth in {1, -1} else None
    if length is None or not length[0].in_days or not _of(scan, length[1]) or scan.words[k] == "a":
        return None
    whole = _whole(scan, length[1] + 1)
    if whole is None:
        return None
    span, amount = whole[0], length[0]
    edge = datetime.combine(span.start if nth > 0 else span.end, time())
    other = amount.after(edge, nth).date()
    start, end = (span.start, min(other, span.end)) if nth > 0 else (max(other, span.start), span.end)
    return Day(start, end, "days"), whole[1]


def _of(scan: Scan, k: int) -> bool:
    return scan.words[k] in {"of", "in", "on"}


def _whole(scan: Scan, k: int) -> tuple[Day, int] | None:
    """Read the month or year that "the last friday of" counts in."""
    today = (scan.now if scan.words[k] in {"this", "next", "last"} else scan.anchor).date()
    steps = {"the": 0, "this": 0, "next": 1, "last": -1}
    if scan.words[k] in steps and scan.words[k + 1] in {"month", "year"}:
        months = 1 if scan.words[k + 1] == "month" else 12
        start = today.replace(day=1) if months == 1 else date(today.year, 1, 1)
        start += relativedelta(months=months * steps[scan.words[k]])
        return month_span(start.year, start.month, months, scan.words[k + 1]), k + 2
    if scan.words[k] in MONTHS:
        year = read_year(scan, k + 1 + (scan.words[k + 1] in {"of", "in", ","}))
        month = MONTHS[scan.words[k]]
        if year:
            return month_span(year[0], month), year[1]
        span = month_span(today.year + (month < today.month), month)
        return Day(span.start, span.end, "month", open_year=True), k + 1
    year = read_year(scan, k)
    return (month_span(year[0], 1, 12, "year"), year[1]) if year else None


def _nth_unit(span: Day, unit: str, nth: int) -> Day | None:
    if unit in WEEKDAYS:
        found = nth_weekday(span, WEEKDAYS[unit], nth)
        return one_day(found) if found else None
    if unit == "day":
        start = span.start + timedelta(days=nth - 1) if nth > 0 else span.end + timedelta(days=nth)
        return one_day(start) if span.start <= start < span.end else None
    if unit == "month":
        if span.grain != "year" or nth > 12:
            return None
        return month_span(span.start.year, nth if nth > 0 else 12)
    if unit == "weekend":
        saturday = nth_weekday(span, WEEKDAYS["saturday"], nth)
        return run(saturday, 2, "weekend") if saturday else None
    if unit == "week":
        # ISO 8601: a week belongs to the month or year that has its Thursday
        thursday = nth_weekday(span, WEEKDAYS["thursday"], nth)
        return run(week_of(thursday), 7, "week") if thursday else None
    return None


def _numbered_week(scan: Scan, j: int, number: int) -> tuple[Day, int] | None:
    """Read "week 31", "week 3 of 2027": ISO 8601 weeks."""
    year = scan.anchor.year
    if _of(scan, j) and (whole := _whole(scan, j + 1)) and whole[0].grain == "year":
        year, j = whole[0].start.year, whole[1]
    thursday = nth_weekday(month_span(year, 1, 12, "year"), WEEKDAYS["thursday"], number)
    return (run(week_of(thursday), 7, "week"), j) if thursday else None
