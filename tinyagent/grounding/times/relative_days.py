"""Reads days that are said from today: "tomorrow", "next tuesday", "a week from monday".

Weeks run from Monday to Sunday. "friday" is the next one after today, "next friday" that of next week,
"friday after next" that of the week after next.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from tinyagent.grounding.times.absolute_dates import DAY_GLUE, read_date
from tinyagent.grounding.times.calendar_days import (
    Day,
    coming,
    month_span,
    one_day,
    one_year,
    run,
    season_span,
    week_of,
)
from tinyagent.grounding.times.calendar_words import SEASONS, WEEKDAYS
from tinyagent.grounding.times.day_spans import read_nth, read_stage
from tinyagent.grounding.times.durations import Amount, read_amount
from tinyagent.grounding.times.holidays import holiday_from, read_holiday, weekend_of
from tinyagent.grounding.times.time_numbers import read_integer, read_year
from tinyagent.grounding.times.time_tokens import Scan

_DEEPEST = 3  # "the day after the day after ...": deeper nesting is no date that anybody says
_NAMED = {"today": 0, "tomorrow": 1, "yesterday": -1}
_NEXT = frozenset({"next", "following"})
_COMING = frozenset({"coming", "upcoming"})
_LAST = frozenset({"last", "previous", "past"})
_WHOLE = frozenset({"whole", "entire", "full"})
_PERIODS = frozenset({"week", "weekend", "month", "quarter", "year", "decade", "fortnight"})
_UNCLEAR_WEEKDAYS = frozenset({"sun", "sat", "mon", "wed"})


def read_day(scan: Scan, i: int, depth: int = 0) -> tuple[Day, int] | None:
    """Read the longest saying of a day or a run of days that starts at token i."""
    if depth > _DEEPEST:
        return None
    readers: tuple[Callable[[Scan, int], tuple[Day, int] | None], ...] = (
        _named_day, _weekday, _period, _runs, _season, _holiday, read_date, read_nth,
        lambda s, k: read_stage(s, k, lambda s, k: read_day(s, k, depth + 1)),
        lambda s, k: _shifted(s, k, depth),
        lambda s, k: _week_around(s, k, depth),
    )  # fmt: skip
    best = None
    for reader in readers:
        found = reader(scan, i)
        if found and (best is None or found[1] > best[1]):
            best = found
    return best


def _named_day(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "today", "the day after tomorrow", "the day before", "tomorrow week"."""
    today = scan.now.date()
    word = scan.words[i]
    if word in _NAMED:
        day, j = today + timedelta(days=_NAMED[word]), i + 1
        if word != "yesterday" and scan.words[j] in {"week", "fortnight"} and scan.closes(j + 1):
            return one_day(day + timedelta(weeks=1 + (scan.words[j] == "fortnight"))), j + 1
        return one_day(day, past=word == "yesterday"), j
    j = i + (word == "the")
    if scan.words[j] in {"next", "following"} and scan.words[j + 1] == "day" and not scan.words[i] == "next":
        return one_day(today + timedelta(days=1)), j + 2
    if scan.words[j] != "day" or scan.words[j + 1] not in {"after", "before"}:
        return None
    sign = 1 if scan.words[j + 1] == "after" else -1
    if scan.words[j + 2] == ("tomorrow" if sign > 0 else "yesterday"):
        return one_day(today + timedelta(days=2 * sign), past=sign < 0), j + 3
    if scan.words[i] == "the" and scan.closes(j + 2) and scan.words[j + 2] not in _NAMED.keys() | {"the"}:
        return one_day(today + timedelta(days=sign), past=sign < 0), j + 2
    return None


def _weekday(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read a weekday with what says which: "this", "next", "last", "coming", "week", "after next"."""
    today = scan.now.date()
    j = i + (scan.words[i] in {"the", "this"} and scan.words[i + 1] in _COMING | _NEXT | _LAST)
    modifier = scan.words[j] if scan.words[j] in _COMING | _NEXT | _LAST | {"this", "the", "one"} else ""
    j += bool(modifier)
    if scan.words[j] not in WEEKDAYS or (modifier == "one" and i == j - 1):
        return _later_weekdays(scan, i)
    weekday = WEEKDAYS[scan.words[j]]
    token = scan.tokens[j]
    written = scan.text[token.start : token.end].lower()
    if scan.strict and not modifier and written in _UNCLEAR_WEEKDAYS and not _clear_weekday(scan, i):
        return None
    if scan.strict and modifier == "the" and written in _UNCLEAR_WEEKDAYS:
        return None
    j += 1
    j += (
        scan.words[j] == "." and token.end - token.start <= 4 and scan.tokens[j].tight and j + 1 < scan.length
    )
    day = coming(scan.anchor.date(), weekday)
    if scan.words[j] == "week" and not modifier and scan.words[j - 1] != ".":
        return one_day(day + timedelta(weeks=1)), j + 1
    if scan.words[j] == "after" and scan.words[j + 1] == "next" and scan.words[j + 2] not in WEEKDAYS:
        return one_day(week_of(today) + timedelta(days=14 + weekday)), j + 2
    if modifier in _NEXT:
        return one_day(week_of(today) + timedelta(days=7 + weekday)), j
    if modifier in _LAST:
        return one_day(today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1), past=True), j
    if modifier == "this":
        anchor = scan.anchor.date()
        this = week_of(anchor) + timedelta(days=weekday)
        return one_day(this if this >= anchor else this + timedelta(days=7), weekday=weekday), j
    return one_day(day, weekday=weekday), j


def _clear_weekday(scan: Scan, i: int) -> bool:
    """Whether "sun", "sat" or "wed" is the weekday: after a preposition, or before more of a time."""
    if scan.before(i) in DAY_GLUE - {"the", "of", "in", "is"} or scan.before(i) in WEEKDAYS:
        return True
    following = scan.words[i + 1]
    return following in {"the", "morning", "afternoon", "evening", "night", "at", "."} or (
        following.isdigit() or (scan.closes(i + 1) and scan.before(i) not in {"the", "a", "in"})
    )


def _later_weekdays(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "two fridays from now": the second Friday after today."""
    number = read_integer(scan, i)
    if number is None or not 0 < number[0] < 60:
        return None
    word = scan.words[number[1]].removesuffix("s")
    if word in WEEKDAYS and scan.words[number[1] + 1 : number[1] + 3] == ["from", "now"]:
        day = coming(scan.now.date(), WEEKDAYS[word]) + timedelta(weeks=number[0] - 1)
        return one_day(day), number[1] + 3
    return None


def _period(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "this week", "next month", "the week after next", "the weekend", "last year"."""
    j = i + (scan.words[i] in {"the", "this"} and scan.words[i + 1] in _COMING | _NEXT | _LAST)
    word = scan.words[j]
    whole = word == "all" or (word in {"the", "this"} and scan.words[j + 1] in _WHOLE)
    j += whole and word != "all"
    steps = (
        {"this": 0, "current": 0, "same": 0, "the": 0, "all": 0}
        | dict.fromkeys(_NEXT, 1)
        | dict.fromkeys(_LAST, -1)
    )
    unit = scan.words[j + 1]
    working = unit in {"working", "work", "business"} and scan.words[j + 2] == "week"
    if working:
        unit, j = "week", j + 1
    if unit not in _PERIODS or not (word in steps or word in _COMING or working):
        return _bare_weekend(scan, i)
    step = 1 if word in _COMING and unit not in {"weekend"} else steps.get(word, 0)
    j += 2
    if _written(scan, j - 1).endswith("s") and unit != "century" and "'" not in _written(scan, j - 1):
        return None
    if scan.words[j] == "after" and scan.words[j + 1] == "next" and word == "the":
        step, j = 2, j + 2
    elif word == "the" and not working and not whole and unit != "weekend" and scan.strict:
        if (
            scan.before(i) not in {"in", "for", "during", "over"}
            or not scan.closes(j)
            or scan.words[j] == "of"
        ):
            return None
    if word == "the" and (scan.words[j] in {"of", "beginning", "starting"} or scan.words[j] == "list"):
        return None
    is_open = step == 0 and word not in _COMING and (unit == "weekend" or word in {"the", "all"})
    day = period((scan.anchor if is_open else scan.now).date(), unit, step)
    if day is not None and working:
        day = Day(day.start, day.start + timedelta(days=5), "week")
    return (day, j) if day else None


def _written(scan: Scan, j: int) -> str:
    return scan.text[scan.tokens[j].start : scan.tokens[j].end].lower()


def _bare_weekend(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "weekend" and "week after next" without an article."""
    if scan.words[i] in {"week", "weekend", "month", "year"} and scan.words[i + 1 : i + 3] == [
        "after",
        "next",
    ]:
        day = period(scan.now.date(), scan.words[i], 2)
        return (day, i + 3) if day else None
    if scan.words[i] == "weekend" and not (scan.strict and i and scan.before(i) not in DAY_GLUE | {"over"}):
        day = period(scan.anchor.date(), "weekend", 0)
        return (day, i + 1) if day and not _written(scan, i).endswith("s") else None
    return None


def period(today: date, unit: str, step: int) -> Day | None:
    """Return the week, weekend, month, quarter, year or decade `step` after the one of today."""
    past = step < 0
    if unit in {"week", "weekend", "fortnight"}:
        monday = week_of(today) + timedelta(weeks=step)
        if unit == "weekend":
            return run(monday + timedelta(days=5), 2, "weekend", past=past)
        if unit == "fortnight":
            return run(today + timedelta(days=14 * min(step, 0)), 14, past=past)
        return run(monday, 7, "week", past=past)
    months = {"month": 1, "quarter": 3, "year": 12, "decade": 120}[unit]
    index = ((today.year * 12 + today.month - 1) // months + step) * months
    span = month_span(index // 12, index % 12 + 1, months, unit)
    return Day(span.start, span.end, unit, past=past)


def _runs(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "the next three days", "the coming two weeks", "the 2 next days", "the past month"."""
    j = i + (scan.words[i] == "the")
    all_ways = _NEXT | _COMING | _LAST
    way = scan.words[j] if scan.words[j] in all_ways else ""
    if not way:
        number = read_integer(scan, j)
        if number is None or scan.words[number[1]] not in all_ways or number[0] > 999:
            return None
        way, k = scan.words[number[1]], number[1] + 1
        if not _written(scan, k).endswith("s"):
            return None  # "only 3 next week"
        amount = read_amount(Scan(f"{number[0]} {scan.words[k]}", scan.now), 0)
        end = k + 1
    else:
        k = j + 1
        found = read_amount(scan, k)
        if found is None and (scan.words[k] in {"half"} or (way in _COMING and scan.words[k] == "month")):
            found = read_amount(Scan("1 " + scan.words[k], scan.now), 0)
            found = (found[0], k + 1) if found else None
        amount, end = found, found[1] if found else k
    if amount is None or not amount[0].in_days:
        return None
    today = scan.now.date()
    if way in _LAST:
        start = amount[0].after(scan.now, -1).date()
        return Day(start, today + timedelta(days=1), "days", past=True), end
    return Day(today, amount[0].after(scan.now).date(), "days"), end


def _season(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read "in the summer", "next spring", "this winter", "summer 2027"."""
    j = i + (scan.words[i] in {"the", "this", "next", "last", "coming"})
    name = scan.words[j]
    if name not in SEASONS:
        return None
    modifier = scan.words[i] if j > i else ""
    year = read_year(scan, j + 1 + (scan.words[j + 1] == "of"))
    said = (
        modifier
        or year
        or scan.before(i) in {"in", "during", "until", "since", "by", "before", "after", "of"}
    )
    if (scan.strict and not said) or (scan.strict and name == "fall" and modifier == "the"):
        return None
    today = (scan.now if modifier in {"next", "last", "coming"} else scan.anchor).date()
    running = season_span(today, name)
    if year:
        return one_year(running, year[0]), year[1]
    offset = 0
    if modifier == "next":
        offset = int(running.start <= today)
    elif modifier == "last":
        offset = -1
    return season_span(today, name, offset), j + 1


def _holiday(scan: Scan, i: int) -> tuple[Day, int] | None:
    """Read a holiday with "next", "last", a year or "weekend"."""
    modifier = scan.words[i] if scan.words[i] in {"next", "last", "this", "the"} | _COMING else ""
    for start in dict.fromkeys((i, i + bool(modifier))):
        found = read_holiday(scan, start)
        if found:
            break
    else:
        return None
    rule, j, name = found
    joined = DAY_GLUE - {"the", "is", "of"} | {"over", "right"}
    clear = name.endswith(("day", "eve")) or scan.closes(j) or scan.before(i) in joined or _goes_on(scan, j)
    if scan.strict and not clear:
        return None  # "my christmas presents"
    year = read_year(scan, j + (scan.words[j] == ","))
    last = start > i and modifier == "last"
    day = holiday_from(
        rule, (scan.now if last or modifier in _COMING else scan.anchor).date(), -1 if last else 0
    )
    if year:
        day, j = rule(year[0]), year[1]
    if scan.words[j] == "weekend":
        day, j = weekend_of(day), j + 1
        year = read_year(scan, j)
        if year:
            day, j = weekend_of(rule(year[0])), year[1]
    return Day(day.start, day.end, day.grain, past=last), j


def _goes_on(scan: Scan, j: int) -> bool:
    """Whether a time goes on at token j: a year, a clock time, a part of the day, "weekend"."""
    return scan.tokens[j].number >= 0 or scan.words[j] in {
        "weekend", "morning", "afternoon", "evening", "night", "noon", "two", "twenty",
    }  # fmt: skip


def _shifted(scan: Scan, i: int, depth: int) -> tuple[Day, int] | None:
    """Read a day counted from another: "in two weeks", "three days ago", "a week from monday"."""
    start = scan.now
    leading = scan.words[i] in {"in", "within"}
    j = i + leading
    j += leading and scan.words[j] == "the"
    j += scan.words[j] == "the" and scan.words[j + 1] in {"day", "week", "month"}
    found = read_amount(scan, j)
    if found is None and scan.words[j] in {"day", "week", "month", "year", "fortnight"} and j > i:
        found = _one_unit(scan, j)
    if found is None or not found[0].in_days:
        return None
    amount, k = found
    base, sign, end = _base(scan, k, depth)
    if end:
        return _result(amount, base, sign), end
    if not leading or scan.words[i] == "within":
        return None
    if scan.words[k] == "'" and scan.words[k + 1] == "time":
        k += 2
    elif scan.words[k] == "time" and scan.words[k - 1] in {"day", "week", "month", "year", "fortnight"}:
        k += 1
    if scan.words[k] in {"on", "from"} and scan.words[k] == "from" and scan.words[k + 1] == "now":
        k += 2
    weeks = amount.days % 7 == 0
    return one_day(amount.after(start).date(), shift=weeks), k


def _one_unit(scan: Scan, j: int) -> tuple[Amount, int] | None:
    """Read "week" of "the week after christmas" as one week.

    The day after and before need a day that follows.
    """
    if scan.words[j + 1] not in {"after", "before", "from"} or scan.words[j] != "day":
        return None
    found = read_amount(Scan("1 " + scan.words[j], scan.now), 0)
    return (found[0], j + 1) if found else None


def _base(scan: Scan, k: int, depth: int) -> tuple[date, int, int]:
    """Read what an amount is counted from.

    Return that day, the direction, and the next token (0: nothing).
    """
    today = scan.now.date()
    word = scan.words[k]
    if word in {"hence", "later"} or (word == "from" and scan.words[k + 1] in {"now", "today"}):
        return today, 1, k + 1 + (word == "from")
    if word == "ago":
        return today, -1, k + 1
    if word in {"after", "from", "before", "on"} or word in {"today", "tomorrow"}:
        start = k if word in {"today", "tomorrow"} else k + 1
        day = read_day(scan, start, depth + 1)
        if day and day[0].grain == "day":
            return day[0].start, -1 if word == "before" else 1, day[1]
    return today, 0, 0


def _result(amount: Amount, base: date, sign: int) -> Day:
    start = base + relativedelta(months=sign * amount.months) + timedelta(days=sign * amount.days)
    return one_day(
        start,
        past=sign < 0 and amount.days + amount.months > 0 and start < base,
        shift=sign > 0 and amount.days % 7 == 0,
    )


def _week_around(scan: Scan, i: int, depth: int) -> tuple[Day, int] | None:
    """Read "the week of march 3", "the week before christmas", "the weekend of halloween"."""
    j = i + (scan.words[i] == "the")
    unit, link = scan.words[j], scan.words[j + 1]
    if unit not in {"week", "weekend", "night"} or (unit == "night" and link != "of"):
        return None
    if link not in {"of", "beginning", "starting", "commencing", "before", "after", "from"}:
        return None
    k = j + 2
    k += scan.words[k] in {"on"}
    day = read_day(scan, k, depth + 1)
    if day is None or day[0].grain not in {"day", "days"}:
        return None
    base = day[0]
    if unit == "night":
        return base, day[1]
    monday = week_of(base.start)
    if unit == "weekend":
        found = weekend_of(base)
        shift = {"before": -7, "after": 7}.get(link, 0) if base.start.weekday() >= 5 else 0
        return run(found.start + timedelta(days=shift), 2, "weekend"), day[1]
    if link in {"before", "after"}:
        return run(base.start - timedelta(days=7) if link == "before" else base.end, 7), day[1]
    return run(monday, 7, "week"), day[1]
