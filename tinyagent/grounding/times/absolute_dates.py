"""Reads dates of the calendar: "the fifth of may", "may 5th 2027", "5/3", "3.5.2026", "2026-02-28".

Also months, years, quarters and decades. Two numbers with a slash are month and day (the other way round
where only that is a date); with dots they are day and month.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from dateutil.relativedelta import relativedelta

from tinyagent.grounding.times.calendar_days import (
    FIRST_YEAR,
    LAST_YEAR,
    Day,
    make_date,
    month_span,
    next_month_day,
    next_number,
    one_day,
    one_year,
)
from tinyagent.grounding.times.calendar_words import AMBIGUOUS_MONTHS, MONTHS, TENS, WEEKDAYS
from tinyagent.grounding.times.clock_times import read_clock
from tinyagent.grounding.times.time_numbers import below_hundred, full_year, read_ordinal, read_year
from tinyagent.grounding.times.time_tokens import Scan

DAY_GLUE = frozenset(
    """on by until till from to for before after since the in this next last of during through thru between
    and around @ starting beginning coming as mid early late at is due""".split()
)
"""Words after which a number or an ambiguous word may be a date."""

_AFTER_A_DATE = frozenset({",", "no", "or", "i", "sorry", "wait", "actually"})
_SHORT_MONTHS = frozenset({"mar", "jan", "jun", "may", "march", "dec"})
_DECADE = re.compile(r"(?:19|20)?[0-9]0")
_DECADE_WORDS = {"twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70,
                 "eighties": 80, "nineties": 90}  # fmt: skip


def read_date(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read a calendar date, or a month, quarter, year or decade, that starts at token i."""
    j = i + (scan.words[i] == "the")
    return (
        _year_first(scan, i)
        or _numeric(scan, i)
        or _day_of_month(scan, j)
        or _month_first(scan, i)
        or _last_month(scan, j)
        or _quarter(scan, j)
        or _decade(scan, j)
        or _year(scan, i)
        or _number_alone(scan, i)
    )


def _separator(scan: Scan, j: int, marks: str) -> str:
    """Return the mark at token j when it touches what is before and after it."""
    touching = scan.tokens[j].tight and scan.tokens[j + 1].tight
    return scan.words[j] if scan.words[j] and scan.words[j] in marks and touching else ""


def _year_first(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "2026-02-28", "2019-aug-1", "2016 10 16", "20161016"."""
    token = scan.tokens[i]
    width = token.end - token.start
    if width == 8 and token.number >= 0:
        packed = make_date(token.number // 10000, token.number // 100 % 100, token.number % 100)
        return (one_day(packed), i + 1) if packed else None
    if width != 4 or not FIRST_YEAR <= token.number <= LAST_YEAR:
        return None
    mark = _separator(scan, i + 1, "-/.")
    step = 2 if mark else 1
    month = scan.tokens[i + step].number
    if scan.words[i + step] in MONTHS and mark:
        month = MONTHS[scan.words[i + step]]
    if mark and scan.words[i + step + 1] != mark:
        return None
    day = scan.tokens[i + 2 * step]
    if day.end - day.start > 2 or (not mark and day.end - day.start != 2):
        return None
    found = make_date(token.number, month, day.number) if month > 0 else None
    j = i + 2 * step + 1
    if found and scan.words[j] == "t" and scan.tokens[j].tight:
        j += 1  # the T of ISO 8601
    return (one_day(found), j) if found else None


def _numeric(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "5/3", "5/3/2026", "12-31-2026", "3.5.2026", "13.08."."""
    one, two, three = scan.tokens[i], scan.tokens[i + 2], scan.tokens[i + 4]
    mark = _separator(scan, i + 1, "/-.")
    wide = one.end - one.start > 2 or two.end - two.start > 2
    if one.number < 0 or two.number < 0 or not mark or wide or scan.before(i) in {"$", "€", "£"}:
        return None
    if scan.before(i) == mark and one.tight and scan.tokens[i - 2].number >= 0:
        return None  # in the middle of a longer number
    if _separator(scan, i + 3, "/-.") == mark and three.number >= 0 and three.end - three.start in {2, 4}:
        year = full_year(three.number)
        month, day = (two.number, one.number) if mark == "." else (one.number, two.number)
        found = make_date(year, month, day) or make_date(year, day, month)
        return (one_day(found), i + 5) if found else None
    return _month_day(scan, i, mark)


def _month_day(scan: Scan, i: int, mark: str) -> tuple[Day, int] | None:
    """Read day and month without a year; with dots only where the numbers cannot be a clock time."""
    one, two = scan.tokens[i], scan.tokens[i + 2]
    if mark == "-":
        return None
    j = i + 3
    month, day = one.number, two.number
    if mark == ".":
        month, day = two.number, one.number
        dot = scan.words[j] == "." and scan.tokens[j].tight
        padded = two.end - two.start == 2 and two.word[0] == "0"
        weekday = scan.before(i) in WEEKDAYS
        clock = day <= 23 and two.end - two.start == 2
        if clock and not (dot and padded) and not weekday and not padded:
            return None
        if (
            not clock
            and scan.strict
            and not (dot or weekday or scan.before(i) in {"on", "by", "until", "from"})
        ):
            return None
        j += dot and padded
    elif scan.strict and not scan.closes(j) and scan.before(i) not in DAY_GLUE | WEEKDAYS.keys():
        if read_clock(scan, j) is None:
            return None
    today = scan.anchor.date()
    found = next_month_day(today, month, day)
    if found is None and mark == "/":
        found = next_month_day(today, day, month)
    return (one_day(found, open_year=True), j) if found else None


def _ordinal_or_number(scan: Scan, i: int) -> tuple[int, int] | None:
    found = read_ordinal(scan, i)
    if found is None and scan.tokens[i].number >= 0 and scan.tokens[i].end - scan.tokens[i].start <= 2:
        found = scan.tokens[i].number, i + 1
    return found if found and 1 <= found[0] <= 31 else None


def _day_of_month(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "the fifth of may", "24 december 2026", "the 21st", "the tenth of next month"."""
    if scan.before(i) in {"$", "€", "£"} and scan.tokens[i].tight:
        return None
    number = _ordinal_or_number(scan, i)
    if number is None:
        cardinal = below_hundred(scan, i)  # "twenty four december"
        if cardinal is None or scan.words[cardinal[1]] not in MONTHS or cardinal[0] > 31:
            return None
        number = cardinal
    day, j = number
    j += scan.words[j] == "day" and scan.words[j + 1] == "of"
    k = j + (scan.words[j] in {"of", "-", "/", "in"})
    if scan.words[k] in MONTHS:
        return _with_year(scan, k + 1, MONTHS[scan.words[k]], day)
    month = _month_reference(scan, k)
    if month and (k > j or scan.words[k] in {"this", "next"}):
        found = make_date(month[0].year, month[0].month, day)
        if scan.words[k] == "the" and found and found < scan.anchor.date():
            found = next_number(scan.anchor.date(), day)
        return (one_day(found), month[1]) if found else None
    return None


def _month_reference(scan: Scan, k: int) -> tuple[date, int] | None:
    """Read "the month", "this month", "next month", "last month" as the first day of it."""
    first = (scan.anchor if scan.words[k] == "the" else scan.now).date().replace(day=1)
    steps = {"the": 0, "this": 0, "next": 1, "last": -1}
    if scan.words[k] not in steps or scan.words[k + 1] != "month":
        return None
    return first + relativedelta(months=steps[scan.words[k]]), k + 2


def _with_year(scan: Scan, j: int, month: int, day: int) -> tuple[Day, int] | None:
    """Finish a day and month with the year that may follow; without one it is the next such day."""
    k = j + (scan.words[j] == "." and scan.tokens[j].tight and j + 1 < scan.length)
    year = _year_after(scan, k)
    if year:
        found = make_date(year[0], month, day)
        return (one_day(found), year[1]) if found else None
    found = next_month_day(scan.anchor.date(), month, day)
    return (one_day(found, open_year=True), j) if found else None


def _year_after(scan: Scan, j: int, numeric: bool = True) -> tuple[int, int] | None:
    """Read the year that follows; with `numeric` two digits after a mark are one ("14/nov/22")."""
    k = j + (scan.words[j] in {",", "/", "-"})
    joined = scan.words[k] in {"of", "in"}
    year = read_year(scan, k + joined, two_digits=joined or scan.words[k] == "'")
    marked = (
        scan.words[j] in {"/", "-"} and scan.tokens[j].tight and scan.words[max(0, j - 2)] == scan.words[j]
    )
    if year is None and numeric and marked:
        year = read_year(scan, k, two_digits=True)
    if year and scan.words[year[1]] in {":", "hour"}:
        return None
    return year


def _month_first(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "may 5th 2027", "may the second", "dec. 31", "nov/2", "october 2005", "june"."""
    month = MONTHS.get(scan.words[i])
    if month is None:
        return None
    year = _year_after(scan, i + 1, numeric=False)
    if year:
        return month_span(year[0], month), year[1]
    j = i + 1
    j += scan.words[j] == "." and scan.tokens[j].tight
    j += scan.words[j] in {"the", "/", "-"}
    number = _ordinal_or_number(scan, j)
    if number is None:
        number = below_hundred(scan, j)
        if number and (not 1 <= number[0] <= 31 or (scan.strict and scan.words[j] == "one")):
            number = None
    time_follows = number and scan.words[number[1]] in {":", "am", "pm", "oclock", "percent", "%"}
    if number and not (time_follows and scan.words[number[1]] != "."):
        return _with_year(scan, number[1], month, number[0])
    return _month_alone(scan, i, month)


def _month_alone(scan: Scan, i: int, month: int) -> tuple[Day, int] | None:
    word = scan.words[i]
    written = scan.text[scan.tokens[i].start : scan.tokens[i].end].lower()
    unclear = word in AMBIGUOUS_MONTHS or written in _SHORT_MONTHS
    loose = set() if scan.closes(i + 1) else {"to", "for"}
    one = scan.before(i) == "the" and scan.words[i + 1] == "one"  # "remove the june one"
    if (
        scan.strict
        and not one
        and scan.before(i) not in (DAY_GLUE - loose - {"the", "and"} if unclear else DAY_GLUE)
    ):
        return None
    today = scan.anchor.date()
    span = month_span(today.year + (month < today.month), month)
    open_month = Day(span.start, span.end, "month", open_year=True)
    return open_month, i + 1


def _last_month(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "last june", "last may 3rd": the one before now, never the one that runs."""
    found = _month_first(scan, i + 1) if scan.words[i] == "last" else None
    if found is None or not found[0].open_year:
        return found
    day = one_year(found[0], found[0].start.year - 1)
    return replace(day, past=True), found[1]


def _number_alone(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "the 21st" or "the sixth" without a month.

    In a command only where nothing else is counted by it.
    """
    article = scan.words[i] == "the"
    number = read_ordinal(scan, i + article) or _after_weekday(scan, i)
    if number is None or not 1 <= number[0] <= 31:
        return None
    j = number[1]
    digits = scan.tokens[i + article].number >= 0
    in_words = number[0] <= 3 and not digits
    glued = scan.before(i) in DAY_GLUE - {"the", "at", "of", "in"} or scan.before(i) in WEEKDAYS
    clock_next = scan.before(i) in WEEKDAYS and read_clock(scan, j) is not None
    alone = i == 0 and article and scan.words[j] in _AFTER_A_DATE  # "the ninth, what's on then"
    if scan.strict and not (
        (scan.closes(j) or clock_next) and (glued or alone or (article and digits and not in_words))
    ):
        return None
    if not article and not digits and scan.strict and scan.words[i] not in TENS and not glued:
        return None
    found = next_number(scan.anchor.date(), number[0])
    return (one_day(found, number=number[0]), j) if found else None


def _after_weekday(scan: Scan, i: int) -> tuple[int, int] | None:
    """Read the 23 of "friday 23": a number that can be no hour people say after a weekday."""
    token, after = scan.tokens[i], scan.tokens[i + 1]
    whole = (
        not (after.tight and (after.word in {":", ".", "/", "h"} or after.word.isalnum()))
        or i + 2 >= scan.length
    )
    return (token.number, i + 1) if scan.before(i) in WEEKDAYS and token.number > 12 and whole else None


def _quarter(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "Q3", "q1 of 2027", "2027-q1", "the second quarter", "H2 2026"."""
    year = read_year(scan, i)
    j = year[1] if year else i
    j += bool(year) and scan.words[j] == "-"
    kind = scan.words[j]
    number = scan.tokens[j + 1]
    ordinal = read_ordinal(scan, j)
    if kind in {"q", "hour", "h"} and number.tight and scan.tokens[j].end - scan.tokens[j].start == 1:
        months, index, k = (3 if kind == "q" else 6), number.number, j + 2
    elif ordinal and scan.words[ordinal[1]] == "quarter" and not year:
        months, index, k = 3, ordinal[0], ordinal[1] + 1
    else:
        return None
    if not 1 <= index <= 12 // months:
        return None
    k, whole = _of_year(scan, k)
    year = year or (whole, k) if whole else year or _year_after(scan, k)
    chosen = year[0] if year else scan.anchor.year
    span = month_span(chosen, (index - 1) * months + 1, months, "quarter")
    if not year and span.end <= scan.anchor.date():
        span = month_span(chosen + 1, (index - 1) * months + 1, months, "quarter")
    return span, max(k, year[1] if year and year[1] > k else k)


def _of_year(scan: Scan, k: int) -> tuple[int, int]:
    """Read "of the year", "of next year"; return the next token and the year (0: none)."""
    steps = {"the": 0, "this": 0, "next": 1, "last": -1}
    if scan.words[k] in {"of", "in"} and scan.words[k + 1] in steps and scan.words[k + 2] == "year":
        return k + 3, scan.now.year + steps[scan.words[k + 1]]
    return k, 0


def _decade(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "the 2020s", "1990s", "the nineties"."""
    token, after = scan.tokens[i], scan.tokens[i + 1]
    if token.word in _DECADE_WORDS:
        base = _DECADE_WORDS[token.word]
        year, j = (2000 if base < 50 else 1900) + base, i + 1
    elif (
        token.number >= 0 and after.tight and after.end - after.start == 1 and scan.text[after.start] in "sS"
    ):
        alone = scan.strict and token.end - token.start == 2 and scan.before(i) != "the"
        if not _DECADE.fullmatch(token.word) or alone:
            return None
        year, j = full_year(token.number), i + 2
    else:
        return None
    return month_span(year, 1, 120, "decade"), j


def _year(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "2027" or "the year 2027"; in a command only after a preposition."""
    j = i + (scan.words[i] == "the")
    named = scan.words[j] == "year"
    year = read_year(scan, j + named)
    if year is None or (year[0] < FIRST_YEAR or year[0] >= LAST_YEAR):
        return None
    glue = DAY_GLUE - {"at", "the", "by", "to", "for", "and", "around", "@", "on", "is", "due"}
    if scan.strict and not named and scan.before(i) not in glue:
        return None
    return month_span(year[0], 1, 12, "year"), year[1]
