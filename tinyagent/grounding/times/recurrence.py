"""Repetition: "every other tuesday" → "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", an iCalendar RRULE without prefix.

The clock time of "every weekday at seven" is no part of the rule: it is the `when` of the first occurrence.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from tinyagent.grounding.base import Proposal
from tinyagent.grounding.corrections import corrects
from tinyagent.grounding.times.calendar_days import week_of
from tinyagent.grounding.times.calendar_words import MONTHS, WEEKDAY_CODES, WEEKDAYS
from tinyagent.grounding.times.continued import between
from tinyagent.grounding.times.moment_reader import read_moment
from tinyagent.grounding.times.recurrence_days import (
    PARTS_OF_DAY,
    WORKDAYS,
    as_written,
    read_month_days,
    read_nth_weekday,
    read_plain_number,
    read_weekdays,
)
from tinyagent.grounding.times.rules import Rule
from tinyagent.grounding.times.time_numbers import read_integer, read_ordinal
from tinyagent.grounding.times.time_tokens import Scan

_EPOCH = datetime(2000, 1, 1)
_LONGEST_WORDS = 400
_EVERY = frozenset({"every", "each", "all"})

_ADVERBS = {
    "daily": ("DAILY", 1), "everyday": ("DAILY", 1), "nightly": ("DAILY", 1), "weekly": ("WEEKLY", 1),
    "fortnightly": ("WEEKLY", 2), "biweekly": ("WEEKLY", 2), "monthly": ("MONTHLY", 1),
    "bimonthly": ("MONTHLY", 2), "quarterly": ("MONTHLY", 3), "yearly": ("YEARLY", 1),
    "annually": ("YEARLY", 1), "hourly": ("HOURLY", 1),
    "semiannually": ("MONTHLY", 6), "semiannual": ("MONTHLY", 6), "annual": ("YEARLY", 1),
}  # fmt: skip

_UNITS = {
    "second": ("SECONDLY", 1), "minute": ("MINUTELY", 1), "hour": ("HOURLY", 1), "day": ("DAILY", 1),
    "night": ("DAILY", 1), "week": ("WEEKLY", 1), "fortnight": ("WEEKLY", 2), "month": ("MONTHLY", 1),
    "quarter": ("MONTHLY", 3), "year": ("YEARLY", 1),
}  # fmt: skip

_DAILY_PARTS = frozenset({"breakfast", "lunch", "dinner", "bedtime", "tea"})


def resolve_recurrence(words: str, now: datetime) -> str | None:
    """Return the RRULE that `words` say ("FREQ=WEEKLY;BYDAY=MO"), or None."""
    try:
        scan = Scan(words[:_LONGEST_WORDS], now)
        for i in range(min(scan.length, 3)):
            read = read_recurrence(scan, i)
            if read is not None:
                rest = scan.words[read[1] : scan.length]
                return read[0].text() if not any(word.isalnum() for word in rest) else None
            if scan.words[i] not in {"on", "for", "the", "at", "in", "repeat", "repeating", "recurring"}:
                return None
    except (OverflowError, ValueError):  # beyond the calendar's years
        return None
    return None


def find_recurrence(text: str) -> list[Proposal]:
    """Return every maximal run of words in `text` that says a repetition, in text order."""
    scan = Scan(text, _EPOCH, strict=True)
    found: list[Proposal] = []
    first = last = i = 0
    while i < scan.length:
        try:
            read = read_recurrence(scan, i)
        except (OverflowError, ValueError):  # beyond the calendar's years
            read = None
        if read is None:
            if found and (words := _corrected(scan, i, first, last)):
                found.append(Proposal(words, ((scan.tokens[i].start, scan.tokens[i].end),)))
            i += 1
            continue
        j = read[1]
        first, last = i, j
        start = i - 1 if scan.before(i) in {"repeating", "repeat", "on"} else i
        found.append(Proposal(scan.cut(i, j), ((scan.tokens[start].start, scan.tokens[j - 1].end),)))
        i = j
    return found


def _corrected(scan: Scan, i: int, first: int, last: int) -> str:
    """Return "every tuesday" for the tuesday of "every monday, no, tuesday" ("" where token i is none such)."""
    if scan.words[i] not in WEEKDAYS or scan.words[first] not in _EVERY:
        return ""
    corrected = corrects(between(scan, last, i))
    return f"{scan.cut(first, first + 1)} {scan.cut(i, i + 1)}" if corrected else ""


def recurring_runs(scan: Scan) -> dict[int, int]:
    """Return where repetitions are in a command: first token → the one after the last."""
    found = {}
    i = 0
    while i < scan.length:
        read = read_recurrence(scan, i)
        if read is not None:
            found[i] = read[1]
        i = read[1] if read is not None else i + 1
    return found


def read_recurrence(scan: Scan, i: int) -> tuple[Rule, int] | None:
    """Read the longest repetition that starts at token i, with its end ("until june", "for ten weeks")."""
    best: tuple[Rule, int] | None = None
    for reader in (_adverb, _every, _plural_days, _times_a, _nth_of_every, _weekday_range):
        found = reader(scan, i)
        if found is not None and (best is None or found[1] > best[1]):
            best = found
    return _limits(scan, *best) if best is not None else None


def _adverb(scan: Scan, i: int) -> tuple[Rule, int] | None:
    word = scan.words[i]
    j = i + 1
    if word in {"bi", "semi"} and scan.words[j] == "-" and scan.words[j + 1] in _ADVERBS:
        freq, interval = _ADVERBS[scan.words[j + 1]]
        return Rule(freq, interval * 2) if word == "bi" else Rule(freq), j + 2
    if word in _ADVERBS:
        rule = Rule(*_ADVERBS[word])
        if scan.words[j] == "on":
            listed = read_weekdays(scan, j + 1)
            if listed and rule.freq == "WEEKLY":
                return replace(rule, days=listed[0]), listed[1]
            numbers = read_month_days(scan, j + 1)
            if numbers and rule.freq == "MONTHLY":
                return replace(rule, numbers=numbers[0]), numbers[1]
        return rule, j
    return None


def _every(scan: Scan, i: int) -> tuple[Rule, int] | None:
    """Read what follows "every" or "each"."""
    if scan.words[i] not in _EVERY:
        return None
    whole = scan.words[i] == "all"
    j = i + 1
    j += scan.words[j] == "single"
    interval = 1
    if scan.words[j] in {"other", "alternate"}:
        interval, j = 2, j + 1
    elif scan.words[j] == "couple" or scan.words[j + 1] == "couple":
        interval, j = 2, j + 1 + (scan.words[j] != "couple")
        j += scan.words[j] == "of"
    elif scan.words[j] == "few":
        interval, j = 3, j + 1
    if whole:
        read = _day_words(scan, j, Rule("WEEKLY")) if as_written(scan, j).endswith("s") else None
        return read
    return _every_unit(scan, j, interval)


def _every_unit(scan: Scan, j: int, interval: int) -> tuple[Rule, int] | None:
    if scan.words[j] == "half" and scan.words[j + 1 + (scan.words[j + 1] == "an")] == "hour":
        return Rule("MINUTELY", 30), j + 2 + (scan.words[j + 1] == "an")
    nth = read_ordinal(scan, j) or ((-1, j + 1) if scan.words[j] == "last" else None)
    number = read_integer(scan, j)
    if nth is not None and as_written(scan, j) not in {"seconds", "secs"}:
        return _every_nth(scan, *nth)
    if number is not None and 0 < number[0] < 1000:
        interval, j = number[0], number[1]
    word = scan.words[j]
    day_words = _day_words(scan, j, Rule("WEEKLY", interval))
    if day_words:
        return day_words
    if word in _UNITS:
        freq, each = _UNITS[word]
        return _after_unit(scan, j + 1, Rule(freq, interval * each))
    if word in PARTS_OF_DAY or word in _DAILY_PARTS:
        k = j + 1 + (scan.words[j + 1] == "time")
        return _except(scan, k, Rule("DAILY", interval))
    if word in MONTHS:
        rule = Rule("YEARLY", interval, months=(MONTHS[word],))
        day = read_month_days(scan, j + 1 + (scan.words[j + 1] == "the"), one=True)
        if (
            day is None
            and (number := read_integer(scan, j + 1))
            and 0 < number[0] <= 31
            and scan.closes(number[1])
        ):
            day = (number[0],), number[1]
        return (replace(rule, numbers=day[0]), day[1]) if day else (rule, j + 1)
    return None


def _every_nth(scan: Scan, nth: int, j: int) -> tuple[Rule, int] | None:
    """Read what follows "every second", "every first", "every last".

    A weekday, a unit or a day of the month.
    """
    word = scan.words[j]
    if word in WEEKDAYS:
        day = WEEKDAY_CODES[WEEKDAYS[word]]
        end = _of_month(scan, j + 1)
        if end or nth != 2:
            return Rule("MONTHLY", days=(f"{nth}{day}",)), end or j + 1
        return Rule("WEEKLY", 2, (day,)), j + 1
    if word in _UNITS and nth > 0:
        if word == "day" and (end := _of_month(scan, j + 1)):
            return Rule("MONTHLY", numbers=(nth,)), end
        freq, each = _UNITS[word]
        return _after_unit(scan, j + 1, Rule(freq, nth * each))
    if word == "day" and nth < 0 and (end := _of_month(scan, j + 1)):
        return Rule("MONTHLY", numbers=(-1,)), end
    if (end := _of_month(scan, j)) and nth > 0:
        return Rule("MONTHLY", numbers=(nth,)), end
    if word == "of" and scan.words[j + 1] in MONTHS and 0 < nth <= 31:
        return Rule("YEARLY", numbers=(nth,), months=(MONTHS[scan.words[j + 1]],)), j + 2
    return None


def _of_month(scan: Scan, j: int) -> int:
    """Return the token after "of the month", "of every month", "each month" (0: not there)."""
    k = j + (scan.words[j] in {"of", "in"})
    k += scan.words[k] in {"the", "a", "every", "each"}
    return k + 1 if k > j and scan.words[k] == "month" else 0


def _day_words(scan: Scan, j: int, rule: Rule) -> tuple[Rule, int] | None:
    """Read weekdays or named sets of them, with a part of the day and exceptions."""
    listed = read_weekdays(scan, j)
    if listed is None:
        return None
    rule = replace(rule, days=listed[0])
    k = listed[1]
    k += scan.words[k] in PARTS_OF_DAY | _DAILY_PARTS
    nth_end = _of_month(scan, k)
    return None if nth_end else _except(scan, k, rule)


def _after_unit(scan: Scan, j: int, rule: Rule) -> tuple[Rule, int]:
    """Read what makes a unit exact: "week on friday", "month on the 15th", "year on march 3rd"."""
    k = j + (scan.words[j] in {"on", "in"})
    if k > j and rule.freq == "WEEKLY" and (days := read_weekdays(scan, k)):
        return replace(rule, days=days[0]), days[1]
    if k > j and rule.freq == "MONTHLY":
        if numbers := read_month_days(scan, k):
            return replace(rule, numbers=numbers[0]), numbers[1]
        nth = read_nth_weekday(scan, k)
        if nth:
            return replace(rule, days=nth[0].days, numbers=nth[0].numbers), nth[1]
    if k > j and rule.freq == "YEARLY" and (yearly := _day_of_year(scan, k)):
        return replace(rule, numbers=yearly[0].numbers, months=yearly[0].months), yearly[1]
    if rule.freq == "DAILY":
        return _except(scan, j, rule)
    return rule, j


def _day_of_year(scan: Scan, k: int) -> tuple[Rule, int] | None:
    """Read "march 3rd", "the 3rd of april", "may"."""
    if scan.words[k] in MONTHS:
        month = MONTHS[scan.words[k]]
        day = read_month_days(scan, k + 1, one=True) or read_integer(scan, k + 1)
        if day is None:
            return Rule("YEARLY", months=(month,)), k + 1
        number = day[0][0] if isinstance(day[0], tuple) else day[0]
        return (Rule("YEARLY", numbers=(number,), months=(month,)), day[1]) if 0 < number <= 31 else None
    numbers = read_month_days(scan, k, one=True) or read_plain_number(scan, k)
    if numbers is None:
        return None
    m = numbers[1] + (scan.words[numbers[1]] == "of")
    if scan.words[m] not in MONTHS:
        return None
    return Rule("YEARLY", numbers=numbers[0], months=(MONTHS[scan.words[m]],)), m + 1


def _nth_of_every(scan: Scan, i: int) -> tuple[Rule, int] | None:
    """Read "on the first of every month", "the last friday of each month", "on the last day of the month"."""
    j = i + (scan.words[i] == "on")
    nth = read_nth_weekday(scan, j)
    if nth and (end := _of_month(scan, nth[1])) and (_each(scan, nth[1], end)):
        return nth[0], end
    numbers = read_month_days(scan, j) if scan.words[j] == "the" or scan.tokens[j].number >= 0 else None
    if numbers:
        k = numbers[1] + (scan.words[numbers[1]] == "day")
        end = _of_month(scan, k)
        each = _each(scan, k, end) or (-1 in numbers[0] and i < j) or len(numbers[0]) > 1
        if end and each:
            return Rule("MONTHLY", numbers=numbers[0]), end
    return None


def _each(scan: Scan, start: int, end: int) -> bool:
    return any(word in {"every", "each", "a"} for word in scan.words[start:end])


def _plural_days(scan: Scan, i: int) -> tuple[Rule, int] | None:
    """Read "on mondays", "mondays and thursdays", "on weekends", "weekdays", "on school days", "mornings"."""
    j = i + (scan.words[i] in {"on", "at", "in"})
    j += scan.words[j] == "the" and j > i and as_written(scan, j + 1) in {"weekends", "mornings", "evenings"}
    listed = read_weekdays(scan, j, plural=True)
    if listed is None and j > i:
        listed = read_weekdays(scan, j)
        plural = [
            as_written(scan, k).endswith("s") and scan.words[k] not in WEEKDAYS
            for k in range(j, listed[1] if listed else j)
        ]
        if listed and not any(plural):
            several = len(listed[0]) > 2 and len(set(listed[0])) == len(listed[0]) and scan.words[i] == "on"
            listed = listed if several else None
    if listed is not None:
        k = listed[1]
        k += scan.words[k] in PARTS_OF_DAY | {"mornings", "evenings", "afternoons"}
        return Rule("WEEKLY", days=listed[0]), k
    if scan.words[j] in WEEKDAYS and as_written(scan, j + 1) in {
        "mornings",
        "evenings",
        "afternoons",
        "nights",
    }:
        return Rule("WEEKLY", days=(WEEKDAY_CODES[WEEKDAYS[scan.words[j]]],)), j + 2
    if as_written(scan, j) in {"mornings", "evenings", "afternoons"} and (j > i or not scan.strict):
        return Rule("DAILY"), j + 1
    return None


def _times_a(scan: Scan, i: int) -> tuple[Rule, int] | None:
    """Read "once a week", "every month"-like counts of one, "seven days a week".

    More than once has no rule.
    """
    if scan.words[i] == "once" or (scan.words[i] in {"one", "1"}):
        j = i + 1 + (scan.words[i + 1] == "time")
    elif scan.words[i] in {"seven", "7"} and scan.words[i + 1 : i + 4] == ["day", "a", "week"]:
        return Rule("DAILY"), i + 4
    elif scan.words[i] in {"five", "5"} and scan.words[i + 1 : i + 4] == ["day", "a", "week"]:
        return Rule("WEEKLY", days=WORKDAYS), i + 4
    else:
        return None
    if scan.words[j] in {"a", "an", "every", "each", "per"}:
        return _every_unit(scan, j + 1, 1) if scan.words[j + 1] != "half" else None
    return None


def _weekday_range(scan: Scan, i: int) -> tuple[Rule, int] | None:
    """Read "monday to friday": the working week, which nobody says of one week only."""
    j = i + (scan.words[i] == "every")
    if scan.words[j] != "monday" or scan.words[j + 1] not in {"to", "through", "thru", "-", "till", "until"}:
        return None
    if scan.words[j + 2] != "friday" or scan.before(i) in {"from", "this", "next", "last"}:
        return None
    return Rule("WEEKLY", days=WORKDAYS), j + 3


def _except(scan: Scan, k: int, rule: Rule) -> tuple[Rule, int]:
    """Read "except sunday", "but not on fridays", and the "this week" that ends the rule."""
    if scan.words[k] in {"except", "excluding", "but"}:
        m = k + 1 + (scan.words[k + 1] in {"not", "for", "on"})
        m += scan.words[m] in {"on", "for"}
        without = read_weekdays(scan, m)
        if without:
            all_days = rule.days or WEEKDAY_CODES
            kept = tuple(day for day in all_days if day not in without[0])
            return replace(rule, freq="WEEKLY", days=kept), without[1]
    return rule, k


def _limits(scan: Scan, rule: Rule, j: int) -> tuple[Rule, int]:
    """Read how long it goes on: "until june", "for ten weeks", "this week", "five times"."""
    word = scan.words[j]
    if word in {"until", "till", "through"} or (word == "up" and scan.words[j + 1] == "to"):
        read = read_moment(scan, j + 1 + (word == "up"))
        if read is not None and read[0].day is not None and read[0].clock is None:
            day = read[0].day
            last = day.start + timedelta(days=day.point)
            if not day.point and day.grain != "day" and word != "through":
                last = day.start - timedelta(days=1)
            return replace(rule, until=day.end - timedelta(days=1) if word == "through" else last), read[1]
    if word in {"this", "next"} and scan.words[j + 1] == "week" and rule.freq in {"DAILY", "WEEKLY"}:
        weeks = 1 if word == "this" else 2
        return replace(rule, until=week_of(scan.now.date()) + timedelta(days=7 * weeks - 1)), j + 2
    k = j + (word == "for")
    k += scan.words[k] in {"the"}
    k += scan.words[k] == "next" and k > j
    number = (1, k + 1) if scan.words[k] == "a" and k > j else read_integer(scan, k)
    if number is None or not 0 < number[0] < 1000:
        return rule, j
    unit = scan.words[number[1]]
    if unit in {"time", "times"} and k >= j:
        return replace(rule, count=number[0]), number[1] + 1
    if k > j and unit in _UNITS:
        return _count(rule, number[0], unit), number[1] + 1
    return rule, j


def _count(rule: Rule, number: int, unit: str) -> Rule:
    """Return the rule ended after a length of time: as often as it happens in that time."""
    days = {"day": 1, "night": 1, "week": 7, "fortnight": 14, "month": 30.44, "year": 365.25}.get(unit)
    each = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 30.44, "YEARLY": 365.25}.get(rule.freq)
    if not days or not each:
        return rule
    per_period = max(1, len(rule.days), len(rule.numbers))
    return replace(rule, count=max(1, round(number * days / each / rule.interval * per_period)))
