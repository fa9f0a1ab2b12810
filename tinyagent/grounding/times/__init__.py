"""Points in time: finds them in a command and resolves their words. Pure functions; `now` is an argument.

The grammar is compositional: `clock_times`, `day_parts`, `absolute_dates`, `relative_days` and `holidays`
each read one kind of thing, `moment_reader` joins what belongs together, and this module says what a command offers
as values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from tinyagent.grounding.base import Proposal
from tinyagent.grounding.times.calendar_words import WEEKDAYS
from tinyagent.grounding.times.day_parts import Part
from tinyagent.grounding.times.durations import find_duration, resolve_duration
from tinyagent.grounding.times.moment_reader import read_moment
from tinyagent.grounding.times.moments import Moment
from tinyagent.grounding.times.periods import find_span, resolve_span
from tinyagent.grounding.times.recurrence import (
    find_recurrence,
    recurring_runs,
    resolve_recurrence,
)
from tinyagent.grounding.times.relative_days import read_day
from tinyagent.grounding.times.rules import first_occurrence
from tinyagent.grounding.times.time_tokens import Scan

__all__ = [
    "bare_clock_times", "find_duration", "find_recurrence", "find_span", "find_when", "first_occurrence",
    "resolve_duration", "resolve_recurrence", "resolve_span", "resolve_when", "says_only_clock",
]  # fmt: skip

GLUE = frozenset({"at", "on", "by", "for", "from", "until", "till", "to", "due", "@", "around", "sometime"})
_BOUNDS = frozenset(
    "before after since between until till past starting as no later than within during over through".split()
)
"""Words before a moment that say how it bounds something; as a point in time it stays the same."""
_FURTHEST = 40  # composites join a date with clock times at most this many tokens away
_MOST_COMPOSITES = 6
_MOST_RUNS = 24  # of a text that is no command: what comes after these makes no composites
_MOST_GLUE = 2
_KEPT = frozenset({"before", "after"})
_RANGE = frozenset({"to", "until", "till", "through", "and", "-"})
_CONTEXT = frozenset({"morning", "afternoon", "evening", "night"})
_LONGEST_WORDS = 400  # characters: no time takes more to say


def resolve_when(words: str, now: datetime, prefer: str = "day", context: str = "") -> str | None:
    """Return the point in time that `words` say, or None.

    The answer is ISO 8601 local time ("2026-03-02T15:00:00"), or a date alone where only a day was said. A
    bare clock hour means, with prefer="day", the usual waking hour ("three" is 15:00), with prefer="next" the
    very next time the clock shows it. A clock time without a date is today while it is ahead, else tomorrow.
    `context` are other words of the command that may say the part of the day: "every morning" makes "six"
    06:00.
    """
    try:
        moment = _whole_moment(words, now)
        if moment is None:
            span = resolve_span(words, now) if {"between", "from"} & set(words.lower().split()) else None
            return span.partition("/")[0] if span else None
        if context and moment.clock is not None and moment.part is None:
            name = next((word for word in Scan(context[:_LONGEST_WORDS], now).words if word in _CONTEXT), "")
            moment = replace(moment, part=Part(name)) if name else moment
        return _iso(moment.instant(now, prefer))
    except (OverflowError, ValueError):  # beyond the calendar's years
        return None


def says_only_clock(words: str, now: datetime) -> bool:
    """Return whether the words say a clock time and no day ("four pm", not "four pm today")."""
    try:
        moment = _whole_moment(words, now)
    except (OverflowError, ValueError):
        return False
    return moment is not None and moment.clock is not None and moment.day is None and moment.exact is None


def bare_clock_times(text: str, now: datetime) -> list[Proposal]:
    """Return the runs of up to three words that can be a clock time and do not say so ("nine", "half six").

    Only for where a time is awaited: in a whole command such a number is mostly something else.
    """
    words = list(re.finditer(r"[\w:.]*\w", text))
    found: list[Proposal] = []
    first = 0
    while first < len(words):
        for last in range(min(first + 3, len(words)) - 1, first - 1, -1):
            start, end = words[first].start(), words[last].end()
            if says_only_clock(text[start:end], now):
                found.append(Proposal(text[start:end], ((start, end),)))
                first = last
                break
        first += 1
    return found


def _iso(at: object) -> str:
    if isinstance(at, datetime):
        return at.replace(microsecond=0).isoformat()
    return str(at)


def _whole_moment(words: str, now: datetime) -> Moment | None:
    """Read words that are a time as a whole, whatever preposition they start with."""
    scan = Scan(words[:_LONGEST_WORDS], now)
    i = 0
    while i < min(scan.length, 4):
        read = read_moment(scan, i)
        if read is not None and not any(word.isalnum() for word in scan.words[read[1] : scan.length]):
            return read[0]
        if scan.words[i] not in GLUE | _BOUNDS | {"the", "in", "about", "every", "each", "like"}:
            return None
        i += 1
    return None


def find_when(text: str, now: datetime, prefer: str = "day") -> list[Proposal]:
    """Return every maximal run of words in `text` that says a point in time, then the composites.

    Composites join a date and a clock time that stand apart ("tomorrow remind me to call at nine" has
    "tomorrow nine"). `prefer` changes no proposal, only what `resolve_when` makes of it.
    """
    del prefer
    try:
        return _find(text, now)
    except (OverflowError, ValueError):  # beyond the calendar's years
        return []


@dataclass(frozen=True, slots=True)
class _Run:
    """A moment in a command: its first token with glue, its first and last (exclusive) without."""

    outer: int
    first: int
    end: int
    moment: Moment

    @property
    def is_clock(self) -> bool:
        """Whether it lacks a date."""
        return self.moment.clock is not None and self.moment.day is None

    @property
    def is_date(self) -> bool:
        """Whether it lacks a clock time."""
        return self.moment.clock is None and self.moment.exact is None


def _find(text: str, now: datetime) -> list[Proposal]:
    scan = Scan(text, now, strict=True)
    runs: list[_Run] = []
    i = 0
    recurring = recurring_runs(scan)
    scan.stops = frozenset(recurring)
    while i < scan.length:
        if i in recurring:
            i = recurring[i]
            continue
        read = read_moment(scan, i) or _other_end(scan, i, runs)
        if read is None:
            i += 1
            continue
        runs.append(_with_glue(scan, i, read[1], read[0]))
        i = read[1]
    whole = [_proposal(scan, run) for run in runs]
    return whole + _composites(scan, runs)


def _other_end(scan: Scan, i: int, runs: list[_Run]) -> tuple[Moment, int] | None:
    """Read the second time of "9-11" or "between eight and ten", which is a bare number after a clock time."""
    if not runs or runs[-1].moment.clock is None or runs[-1].end != i - 1:
        return None
    between = scan.before(i) == "and" and "between" in scan.words[max(0, runs[-1].first - 2) : i]
    if not between and scan.before(i) not in {"-", "–"}:
        return None
    scan.strict = False  # what stands before says that it is a time
    read = read_moment(scan, i)
    scan.strict = True
    return read if read is not None and read[0].clock is not None and scan.closes(read[1]) else None


def _with_glue(scan: Scan, i: int, end: int, moment: Moment) -> _Run:
    """Return a run with the preposition before it, which the words keep where it says something."""
    first = outer = i
    whole = moment.is_day and moment.day is not None and moment.day.grain != "day"
    if scan.before(i) in _KEPT or (scan.before(i) == "in" and whole):
        first = outer = i - 1
    elif scan.words[i] == "at" and scan.words[i + 1] not in {"night", "the", "present"}:
        first = i + 1  # "at lunchtime" reads as a whole, but "at" is only glue
    elif scan.words[i] == "the" and scan.words[i + 1] in WEEKDAYS and scan.words[i + 2] != "after":
        first = i + 1
    while outer > 0 and scan.words[outer - 1] in GLUE and i - outer < _MOST_GLUE:
        outer -= 1
    return _Run(outer, first, end, moment)


def _proposal(scan: Scan, *runs: _Run) -> Proposal:
    words = " ".join(scan.cut(run.first, run.end) for run in runs)
    return Proposal(
        words, tuple((scan.tokens[run.outer].start, scan.tokens[run.end - 1].end) for run in runs)
    )


def _composites(scan: Scan, runs: list[_Run]) -> list[Proposal]:
    """Join each date with the clock times that stand apart from it, and a range's date with its other end."""
    runs = runs[:_MOST_RUNS]
    pairs = [
        sorted((day, clock), key=lambda run: run.first)
        for day in runs
        if day.is_date
        for clock in runs
        if clock.is_clock and abs(day.first - clock.first) <= _FURTHEST
    ]
    for one, other in pairwise(runs):
        if other.outer - one.end > 1 or not set(scan.words[one.end : other.first]) & _RANGE:
            continue
        date_run = _date_in(scan, other if one.is_clock else one)
        clock = one if one.is_clock else other
        if date_run is not None and clock.is_clock:
            pairs.append(sorted((date_run, clock), key=lambda run: run.first))
    joined = [_proposal(scan, *pair) for pair in pairs[:_MOST_COMPOSITES]]
    return [proposal for proposal in joined if resolve_when(proposal.words, scan.now) is not None]


def _date_in(scan: Scan, run: _Run) -> _Run | None:
    """Return the date at one end of a run that has a clock time too ("friday" of "four on friday")."""
    if run.moment.day is None or run.moment.clock is None:
        return None
    for k in range(run.first, run.end):
        day = read_day(scan, k)
        if day is not None and (k == run.first or day[1] == run.end):
            return _Run(k - (scan.before(k) in GLUE and k > run.first), k, day[1], Moment(day=day[0]))
    return None
