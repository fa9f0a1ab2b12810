"""Lengths of time: "an hour and a half" → "PT1H30M". Pure functions over words; no clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from tinyagent.grounding.times.calendar_words import DAYS, MONTH_UNITS, SECONDS, UNITS
from tinyagent.grounding.times.time_numbers import read_fraction, read_integer, read_number
from tinyagent.grounding.times.time_tokens import Scan

_ISO = re.compile(
    r"P(?=.)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9})S)?)?",
    re.ASCII,
)
EPOCH = datetime(2000, 1, 1)
LOOSE = frozenset({"about", "around", "exactly", "roughly", "approximately", "just", "maybe", "like"})
_TAILS = (("exactly",), ("on", "the", "dot"), ("flat",), ("tops",), ("max",), ("sharp",))
_LETTERS = {"d": "day", "w": "week", "y": "year", "m": "minute", "h": "hour", "s": "second"}
GLUE = frozenset({"for", "of", "to", "by", "after", "lasting", "takes", "a", "the"})
_MOST = 10**6  # units of one kind: what is beyond is no length of time that anybody means
_FEWER = {60: 1, 3600: 60}  # a number after "an hour and" counts the next smaller unit


@dataclass(frozen=True, slots=True)
class Amount:
    """A length of time in months, days and seconds, which do not convert into one another."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.months + other.months, self.days + other.days, self.seconds + other.seconds)

    @property
    def in_days(self) -> bool:
        """Whether it counts whole days, weeks, months or years."""
        return not self.seconds

    @property
    def about(self) -> int:
        """About how many seconds it is."""
        return self.seconds + 86400 * (self.days + 30 * self.months)

    def after(self, start: datetime, sign: int = 1) -> datetime:
        """Return the time this long after `start` (before it with sign -1)."""
        months = relativedelta(months=sign * self.months)
        return start + months + timedelta(days=sign * self.days, seconds=sign * self.seconds)

    def iso(self) -> str:
        """Return the ISO 8601 duration: months as years and months, seconds as hours, minutes and seconds."""
        days = ((self.months // 12, "Y"), (self.months % 12, "M"), (self.days, "D"))
        minutes, seconds = divmod(self.seconds, 60)
        clock = ((minutes // 60, "H"), (minutes % 60, "M"), (seconds, "S"))
        date = "".join(f"{n}{unit}" for n, unit in days if n)
        time = "".join(f"{n}{unit}" for n, unit in clock if n)
        return "P" + date + ("T" + time if time else "" if date else "T0S")


def amount_of(number: float, unit: str) -> Amount:
    """Return `number` units; a fraction of a unit is given in the next smaller kind."""
    if unit in SECONDS:
        return Amount(seconds=round(number * SECONDS[unit]))
    if unit in DAYS:
        if unit == "fortnight":
            number *= 2
        days = number * 7 if unit in {"week", "fortnight"} else number
        return Amount(days=int(days), seconds=round(days % 1 * 86400))
    months = number * MONTH_UNITS[unit]
    return Amount(months=int(months), days=round(months % 1 * 30))


def read_unit(scan: Scan, i: int) -> tuple[str, int] | None:
    """Read a unit of time; a single letter only when it touches a number ("2h")."""
    token = scan.tokens[i]
    if token.word == "-" and token.tight and scan.tokens[i + 1].tight:
        return read_unit(scan, i + 1)
    raw = scan.text[token.start : token.end].lower()
    if len(raw) == 1:
        number_before = i > 0 and scan.tokens[i - 1].number >= 0
        return (_LETTERS[raw], i + 1) if raw in _LETTERS and number_before else None
    return (token.word, i + 1) if token.word in UNITS else None


def read_bare_amount(scan: Scan, i: int, unit: str) -> tuple[Amount, int] | None:
    """Read a number alone ("fifteen"), which is of a unit that was said before."""
    number = read_number(scan, i)
    if number is None or not 0 < number[0] <= _MOST:
        return None
    j = number[1]
    tight = scan.tokens[j].tight and (scan.words[j].isalnum() or scan.tokens[j + 1].tight)
    if tight or not scan.closes(j) or scan.words[j] in {"%", "am", "pm"} or read_unit(scan, j):
        return None
    return amount_of(number[0], unit), j


def read_amount(scan: Scan, i: int) -> tuple[Amount, int] | None:
    """Read a length of time ("two hours and ten minutes", "an hour and a half", "1h30", "half a day")."""
    first = _part(scan, i)
    if first is None:
        return None
    total, size, j = first
    while True:
        k = j + (scan.words[j] in {"and", ","})
        k += scan.words[k] == "and"
        following = _part(scan, k)
        if following is None or following[1] >= size:
            break
        if scan.words[j] == "," and following[0].about >= size:  # "two minutes, ninety seconds" are two
            break
        total, size, j = total + following[0], following[1], following[2]
    return total, j


def _part(scan: Scan, i: int) -> tuple[Amount, float, int] | None:
    """Read one number and unit.

    Return also the unit's size in seconds, to keep the parts in falling order.
    """
    while scan.words[i] in LOOSE or (scan.words[i] == "another" and scan.words[i + 1] in {"half", "quarter"}):
        i += 1
    found = _fraction_of(scan, i) or _quantity(scan, i)
    if found is None:
        return None
    number, unit, j = found
    size = _size(unit)
    if number > _MOST:
        return None
    if scan.words[j] == "or" and (more := read_integer(scan, j + 1)):
        after = read_unit(scan, more[1])  # "a minute or two", "an hour or two"
        if after is None and 1 < more[0] < 10:
            return amount_of(more[0], unit), size, more[1]
    tail = _and_more(scan, j, unit)
    if tail:
        return amount_of(number + tail[0], unit), size, tail[1]
    return amount_of(number, unit), size, j


def _size(unit: str) -> float:
    if unit in SECONDS:
        return SECONDS[unit]
    return 86400.0 * (DAYS[unit] if unit in DAYS else 30 * MONTH_UNITS[unit])


def _and_more(scan: Scan, j: int, unit: str) -> tuple[float, int] | None:
    """Read what follows a unit and adds a share of it: "and a half", "and ten", "30"."""
    joined = scan.words[j] == "and"
    if joined and (part := read_fraction(scan, j + 1)):
        k = part[1] + (scan.words[part[1]] == "of")
        k += scan.words[k] in {"a", "an", "the"}
        of_unit = read_unit(scan, k)
        return None if of_unit else part
    fewer = _FEWER.get(SECONDS.get(unit, 0))
    more = read_integer(scan, j + joined) if fewer else None
    if fewer is None or more is None or not 0 < more[0] < 60:
        return None
    mark = scan.words[more[1]] in {":", ".", "/"} and scan.tokens[more[1] + 1].tight
    if read_unit(scan, more[1]) or (mark and scan.tokens[more[1]].tight):
        return None
    tight = scan.tokens[j].tight  # "1h30"
    if scan.strict and not tight and (not scan.closes(more[1]) or scan.words[more[1] - 1] == "one"):
        return None  # "ten minutes and one for the eggs"
    letter = scan.tokens[more[1]]
    if letter.tight and letter.word[:1].isalpha() and not read_unit(scan, more[1]):
        return None
    return more[0] / 60, more[1]


def _fraction_of(scan: Scan, i: int) -> tuple[float, str, int] | None:
    """Read "half an hour", "a quarter of an hour", "half hour", "three quarters of an hour"."""
    part = read_fraction(scan, i) or ((0.25, i + 1) if scan.words[i] == "quarter" else None)
    if part is None:
        return None
    j = part[1]
    j += scan.words[j] == "of"
    j += scan.words[j] in {"a", "an", "the"} or (scan.words[j] == "and" and scan.words[j + 1] == "hour")
    j += scan.words[j] == "-"
    unit = read_unit(scan, j)
    return (part[0], unit[0], unit[1]) if unit else None


def _quantity(scan: Scan, i: int) -> tuple[float, str, int] | None:
    number, j = _count(scan, i)
    if number < 0:
        return None
    if scan.words[j] == "or" and (other := read_number(scan, j + 1)):
        number, j = other  # "two or three days": the longer
    if scan.words[j] in {"full", "whole", "solid", "more", "good", "entire"}:
        j += 1
    unit = read_unit(scan, j)
    return (number, unit[0], unit[1]) if unit else None


def _count(scan: Scan, i: int) -> tuple[float, int]:
    """Read how many; -1 where no number starts at token i."""
    word = scan.words[i]
    number = read_number(scan, i)
    if number is not None:
        return number
    article = word in {"a", "an", "another", "the"}
    j = i + article
    vague = {"couple": 2, "few": 3, "several": 3}.get(scan.words[j])
    if vague:
        j += 1
        j += scan.words[j] == "more"
        return vague, j + (scan.words[j] == "of")
    return (1, j) if article and word != "the" else (-1, i)


def resolve_duration(words: str) -> str | None:
    """Return the ISO 8601 duration that `words` say, or None ("an hour and a half" → "PT1H30M")."""
    iso = _ISO.fullmatch(words.strip())
    if iso:
        years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in iso.groups())
        amount = Amount(years * 12 + months, weeks * 7 + days, hours * 3600 + minutes * 60 + seconds)
        return amount.iso()
    scan = Scan(words, EPOCH)
    for i in range(min(scan.length, 4)):
        read = read_duration(scan, i)
        if read is not None:
            rest = scan.words[read[1] : scan.length]
            return read[0].iso() if all(not word.isalnum() for word in rest) else None
        if scan.words[i] not in GLUE:
            return None
    return None


def read_duration(scan: Scan, i: int) -> tuple[Amount, int] | None:
    """Read a length of time that is more than nothing, with what may end it ("tops", "on the dot")."""
    if scan.words[i] == "all" and scan.words[i + 1] in {"day", "night", "week", "month", "year"}:
        return amount_of(1, scan.words[i + 1]), i + 2
    read = read_amount(scan, i)
    if read is None or not (read[0].months or read[0].days or read[0].seconds):
        return None
    amount, j = read
    if scan.words[i] == "second" or (scan.strict and scan.words[j] == "ago"):
        return None
    for tail in _TAILS:
        if tuple(scan.words[j : j + len(tail)]) == tail:
            return amount, j + len(tail)
    return amount, j
