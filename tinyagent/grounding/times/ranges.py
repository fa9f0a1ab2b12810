"""Reads ranges between two times: "from two to four on friday", "the 3rd to the 9th".

Each end may leave out what the other says: the day, the month, the year, am or pm.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from tinyagent.grounding.times.calendar_days import Day, make_date, one_day, one_year
from tinyagent.grounding.times.calendar_words import MONTHS
from tinyagent.grounding.times.clock_times import read_clock
from tinyagent.grounding.times.day_parts import NO_DAY
from tinyagent.grounding.times.moment_reader import read_moment
from tinyagent.grounding.times.moments import Moment
from tinyagent.grounding.times.time_numbers import read_integer, read_ordinal
from tinyagent.grounding.times.time_tokens import Scan

Interval = tuple[datetime, datetime]


_TO = frozenset({"to", "until", "till", "through", "thru", "-", "–", "—", "~", "and", "or"})
_AND_ONLY = frozenset({"and", "or"})


def read_range(scan: Scan, i: int, within: Moment | None = None) -> tuple[Interval, int] | None:
    """Read "from two to four", "between the 3rd and the 9th", "monday to thursday", "6-8 next monday"."""
    opening = scan.words[i] if scan.words[i] in {"from", "between"} else ""
    months = scan.words[i] in MONTHS and scan.words[i + 1] in _TO and scan.words[i + 2] in MONTHS
    first = read_end(scan, i + bool(opening), bool(opening) or months)
    if first is None:
        return None
    k = first[1]
    link = scan.words[k]
    k += 1
    if link not in _TO or (link in _AND_ONLY and opening != "between" and not _two_days(first[0])):
        return None
    second = _later_in_month(scan, k, first[0]) or read_end(scan, k, True)
    if second is None or (link in _AND_ONLY and opening != "between" and not _two_days(second[0])):
        return None
    one, other = first[0], second[0]
    if (
        one.bare
        and one.clock is not None
        and other.is_day
        and other.day is not None
        and other.day.grain == "day"
    ):
        number = one.clock.hour  # "9 to 12 of june"
        if 0 < number < other.day.start.day:
            one = Moment(day=one_day(other.day.start.replace(day=number)))
    if scan.strict and not opening and one.bare and other.bare and other.day is None:
        return None  # "two to four" of anything
    joined = _share(scan, one, other, within)
    if joined is None:
        return None
    return joined, second[1]


def _later_in_month(scan: Scan, k: int, first: Moment) -> tuple[Moment, int] | None:
    """Read the second number of "june 5 to 8": a later day of the same month."""
    if not first.is_day or first.day is None or first.day.grain != "day" or not first.day.open_year:
        return None
    number = read_ordinal(scan, k) or read_integer(scan, k)
    if number is None or not first.day.start.day < number[0] <= 31 or not scan.closes(number[1]):
        return None
    if scan.words[number[1]] in {":", "/", ".", "of"} and scan.words[number[1] + 1]:
        return None
    last = make_date(first.day.start.year, first.day.start.month, number[0])
    return (Moment(day=one_day(last, open_year=True)), number[1]) if last else None


def _two_days(moment: Moment) -> bool:
    return moment.is_day and moment.day is not None and moment.day.grain in {"day", "month"}


def read_end(scan: Scan, i: int, sure: bool) -> tuple[Moment, int] | None:
    """Read one end of a range; after "from", "to" or "between" a bare number is a clock time or a day."""
    if scan.words[i] == "now":
        return Moment(exact=scan.now.replace(microsecond=0)), i + 1
    strict = scan.strict
    read = read_moment(scan, i)
    if read is None and sure:
        scan.strict = False  # the words before it say that it is a time
        read = read_moment(scan, i)
        scan.strict = strict
        if read is not None and read[0].is_day and read[0].day is not None and read[0].day.grain == "year":
            return read
    if read is None:
        clock = read_clock(scan, i)
        read = (Moment(clock=clock[0]), clock[1]) if clock else None
    if read is None and (number := read_ordinal(scan, i)) and 0 < number[0] <= 31:
        found = read_moment(scan.like(f"the {number[0]}th"), 0)
        read = (found[0], number[1]) if found else None
    return read


def _share(scan: Scan, one: Moment, other: Moment, within: Moment | None) -> Interval | None:
    """Return the interval between two ends, each of which may say what the other leaves out."""
    now = scan.now
    if one.is_day and other.is_day:
        return _between_days(one, other, within)
    if within is not None:
        one = replace(one, day=one.day or within.day, part=one.part or within.part)
        other = replace(other, day=other.day or within.day, part=other.part or within.part)
    if one.clock and other.clock:
        one, other = _share_half(one, other)
    if one.day is None and other.day is not None and one.clock is not None:
        one = replace(one, day=other.day)
    given = other.day is not None or (other.part is not None and other.part.day != NO_DAY)
    if one.exact is None and one.part is None and other.part is not None and one.clock is not None:
        one = _with_part(one, other, scan)
    start = one.interval(now, scan.anchor)[0]
    if other.exact is not None:
        return _up_to(one, start, other.exact)
    if not given and one.day is not None and other.clock is not None:
        other = replace(other, day=one.day)
    elif not given and other.clock is not None:
        other = replace(other, day=one_day(start.date()))
    if other.clock is None:
        end = other.interval(now, scan.anchor)[1 if other.is_day else 0]
        return (start, end) if start < end else None
    end = _first_after(start, other, scan)
    return (start, end) if start < end else None


def _up_to(one: Moment, start: datetime, end: datetime) -> Interval | None:
    """Return the interval up to now, for which the first end has to be looked for in the past."""
    if start >= end and one.day is not None and one.day.open_year:
        start = datetime.combine(one_year(one.day, one.day.start.year - 1).start, start.time())
    elif start >= end and one.clock is not None and one.day is None:
        midnight = datetime.combine(end.date(), time())
        times = [midnight + timedelta(seconds=seconds) for seconds in one.clock.readings()]
        start = max((at for at in times if at < end), default=start)
    return (start, end) if start < end else None


def _with_part(one: Moment, other: Moment, scan: Scan) -> Moment:
    """Give the first clock time the second's part of the day, unless that turns the range round."""
    shared = replace(one, part=other.part)
    start = shared.interval(scan.now, scan.anchor)[0]
    return shared if start < replace(other, day=shared.day).interval(scan.now, scan.anchor)[0] else one


def _share_half(one: Moment, other: Moment) -> tuple[Moment, Moment]:
    """Share the am or pm of one end with the other ("from 3 to 4 pm".

    "9:30 to 3 pm" stays in the morning).
    """
    first, second = one.clock, other.clock
    assert first is not None and second is not None
    if second.half in {"am", "pm"} and not first.half and one.part is None:
        half = second.half
        if (first.hour % 12, first.minute) >= (second.hour % 12, second.minute):
            half = "am" if half == "pm" else "pm"
        return replace(one, clock=replace(first, half=half)), other
    return one, other


def _first_after(start: datetime, other: Moment, scan: Scan) -> datetime:
    """Return the reading of the second end that comes first after the start."""
    assert other.clock is not None
    part = other.part.name if other.part is not None else ""
    midnight = datetime.combine(other.interval(scan.now, scan.anchor)[0].date(), time())
    if other.day is not None:
        midnight = datetime.combine(other.day.start, time())
    elif other.part is not None and other.part.day == NO_DAY:
        midnight = datetime.combine(start.date(), time())
    times = sorted(midnight + timedelta(seconds=seconds) for seconds in other.clock.readings(part))
    for at in times:
        if at > start:
            return at
    return times[0] + timedelta(days=1) if times else start


def _between_days(one: Moment, other: Moment, within: Moment | None) -> Interval | None:
    first, second = one.day, other.day
    assert first is not None and second is not None
    if first.open_year and not second.open_year and not (second.weekday >= 0 or second.number):
        first = one_year(first, second.start.year)
        first = one_year(first, second.start.year - 1) if first.start > second.start else first
    elif first.open_year and second.open_year and first.start > second.start:
        first = one_year(first, first.start.year - 1)  # "from august to october", said in september
    if within is not None and within.day is not None and within.day.grain == "week":
        first, second = _in_week(first, within.day), _in_week(second, within.day)
    elif second.grain == "day" and first.number and not second.number:
        first = _same_month(first, second)
    elif first.grain == "day" and second.number and not first.number:
        second = _number_after(first, second)
    exact = second.weekday < 0 and not second.number
    if first.weekday >= 0 and exact and timedelta(0) <= first.start - second.end < timedelta(days=7):
        first = _a_week_on(first, -1)  # "from friday to today"
    while second.end <= first.start and (second.weekday >= 0 or second.number):
        second = _a_week_on(second) if second.weekday >= 0 else _number_after(first, second)
    if second.open_year and second.end <= first.start:
        second = one_year(second, second.start.year + 1)
    start = datetime.combine(first.start, time())
    end = datetime.combine(second.end, time())
    return (start, end) if start < end else None


def _a_week_on(day: Day, weeks: int = 1) -> Day:
    return Day(
        day.start + timedelta(days=7 * weeks), day.end + timedelta(days=7 * weeks), weekday=day.weekday
    )


def _in_week(day: Day, week: Day) -> Day:
    return one_day(week.start + timedelta(days=day.weekday)) if day.weekday >= 0 else day


def _same_month(first: Day, second: Day) -> Day:
    """Return the number said first ("the 9th to the 17th of april") in the month of the second."""
    number = first.number
    try:
        start = second.start.replace(day=number)
    except ValueError:
        return first
    return one_day(start) if start <= second.start else first


def _number_after(first: Day, second: Day) -> Day:
    """Return the first day after `first` with the second's number."""
    day = first.start
    for _ in range(62):
        day += timedelta(days=1)
        if day.day == second.number:
            return one_day(day)
    return second
