"""Reads bare numbers that are times because of the time before them.

The other end of a range ("9-11"), what corrects it ("at five, no, six"; "on the fourth, I mean the fifth"), and the
next of a list ("at six, seven and eight").
"""

from __future__ import annotations

from dataclasses import replace

from tinyagent.grounding.corrections import corrects
from tinyagent.grounding.times.calendar_words import DIGITS, ORDINALS, PARTS, TEENS, TENS, UNITS
from tinyagent.grounding.times.clock_times import read_clock
from tinyagent.grounding.times.durations import read_bare_amount
from tinyagent.grounding.times.moment_reader import read_moment
from tinyagent.grounding.times.moments import Moment
from tinyagent.grounding.times.time_tokens import Scan

JOINTS = frozenset({",", "and", "or", "then", "also", "plus", "at", "the", "my", "alarm"})
"""Words that may stand between the times of a list."""

_LISTING = frozenset({",", "and", "or"})
_STARTERS = frozenset(
    {"a", "the", "half", "quarter", "noon", "midday", "midnight", *DIGITS, *TEENS, *TENS, *ORDINALS}
)
"""Words that a time of what is read here may start with, beside digits."""
_MOST_BETWEEN = 12  # tokens between a time and what goes on from it
_DAY = 86400  # seconds
_NEAR = 4 * 3600  # seconds: a time further off is none that was nearly said


def read_sure(scan: Scan, i: int) -> tuple[Moment, int] | None:
    """Read a moment at token i where what stands before says that it is a time."""
    strict, scan.strict = scan.strict, False
    try:
        return read_moment(scan, i)
    finally:
        scan.strict = strict


def between(scan: Scan, end: int, i: int) -> str:
    """Return the text between the token before `end` and token i."""
    return scan.text[scan.tokens[end - 1].end : scan.tokens[i].start]


def listed(scan: Scan, end: int, i: int) -> bool:
    """Whether tokens `end` to i only join the items of a list (", and at")."""
    words = scan.words[end:i]
    return bool(_LISTING.intersection(words)) and JOINTS.issuperset(words)


def goes_on(scan: Scan, end: int, i: int) -> bool:
    """Whether what starts at token i corrects what ends before token `end`, or is the next of a list."""
    return listed(scan, end, i) or corrects(between(scan, end, i))


def read_continued(scan: Scan, i: int, one: Moment, first: int, end: int) -> tuple[Moment, int, str] | None:
    """Read what goes on at token i from the moment `one`, which is tokens `first` to `end`.

    Return the moment, the token after it and, where its own words do not say it, words that do.
    """
    if i - end > _MOST_BETWEEN or (scan.tokens[i].number < 0 and scan.words[i] not in _STARTERS):
        return None
    corrected = corrects(between(scan, end, i))
    if corrected and one.exact is not None:
        return _other_length(scan, i, end)
    read = (
        _other_end(scan, i, one, first, end)
        or (_correction(scan, i, one) if corrected else None)
        or _next_of_list(scan, i, one, end)
    )
    return (*read, "") if read is not None else None


def _other_end(scan: Scan, i: int, one: Moment, first: int, end: int) -> tuple[Moment, int] | None:
    """Read the second time of "9-11" or "between eight and ten"."""
    if one.clock is None or end != i - 1:
        return None
    ranged = scan.before(i) == "and" and "between" in scan.words[max(0, first - 2) : i]
    if not ranged and scan.before(i) not in {"-", "–"}:
        return None
    read = read_sure(scan, i)
    return read if read is not None and read[0].clock is not None and scan.closes(read[1]) else None


def _correction(scan: Scan, i: int, one: Moment) -> tuple[Moment, int] | None:
    """Read a clock time after a clock time, and a day of the month after one."""
    read = read_sure(scan, i)
    if read is None or _counts(scan, read[1]):
        return None
    said = read[0]
    if one.clock is not None and said.clock is not None and read_clock(scan, i) is not None:
        late = said.clock.bare and said.clock.hour > 12 >= one.clock.hour  # "6:10, no, 15"
        return None if late else read
    if one.is_day and said.is_day and one.day is not None and said.day is not None:
        dated = (one.day.number or one.day.open_year) and said.day.number
        return read if dated and scan.closes(read[1]) else None
    return None


def _other_length(scan: Scan, i: int, end: int) -> tuple[Moment, int, str] | None:
    """Read the fifteen of "in ten minutes, no, fifteen"."""
    unit = scan.words[end - 1]
    amount = read_bare_amount(scan, i, unit) if unit in UNITS and scan.before(i) not in {"at", "@"} else None
    if amount is None:
        return None
    words = f"in {scan.cut(i, amount[1])} {unit_text(scan, end - 1)}"
    return Moment(exact=amount[0].after(scan.now.replace(microsecond=0))), amount[1], words


def unit_text(scan: Scan, i: int) -> str:
    """Return the unit at token i as it was written, for another number than its own ("hours" for "an hour")."""
    written = scan.cut(i, i + 1)
    return written + "s" if written.lower() == scan.words[i] else written


def _counts(scan: Scan, end: int) -> bool:
    """Whether the number that ends there seems to count what follows ("six eggs", "one more thing")."""
    following = scan.words[end]
    if scan.words[end - 1] == "one":
        return following not in {"", ".", "?", "!", *_LISTING}
    return not scan.closes(end) and (following.endswith("s") or following in {"more", "other", "new"})


def _next_of_list(scan: Scan, i: int, one: Moment, end: int) -> tuple[Moment, int] | None:
    """Read the next of "at six, seven and eight", and the eight of "cancel the seven one, set eight instead"."""
    joined = one.clock is not None and listed(scan, end, i)
    instead = one.clock is not None and "instead" in scan.words[i : i + 4]
    if not (joined or instead) or read_clock(scan, i) is None:
        return None
    read = read_sure(scan, i)
    if read is None or read[0].clock is None or not read[0].clock.hour <= 12 or _counts(scan, read[1]):
        return None
    return read if scan.closes(read[1]) and (joined or scan.words[read[1]] == "instead") else None


def shared_half(one: Moment, said: Moment) -> str:
    """Return the am or pm that a bare hour takes over from the time before it: the nearer reading, if near."""
    clock, first = said.clock, one.clock
    if clock is None or first is None or clock.half or said.part or said.day or not 1 <= clock.hour <= 12:
        return ""
    part = one.part.name if one.part is not None else ""
    if first.hour < 0 or not (first.half in {"am", "pm"} or (part and PARTS[part].half)):
        return ""
    at = first.readings(part)[0] % _DAY
    near = {half: abs(replace(clock, half=half).readings()[0] - at) for half in ("am", "pm")}
    near = {half: min(apart, _DAY - apart) for half, apart in near.items()}
    half = min(near, key=lambda half: near[half])
    return half if near[half] <= _NEAR else ""
