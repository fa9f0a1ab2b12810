"""Joins moments of a command that stand apart: "tomorrow remind me to call at nine" has "tomorrow nine".

A date goes with the clock times around it, and with those that go on from its own: the other end of a range, a
correction, a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from tinyagent.grounding.base import Proposal
from tinyagent.grounding.corrections import corrects
from tinyagent.grounding.times.calendar_words import WEEKDAYS
from tinyagent.grounding.times.clock_times import read_clock
from tinyagent.grounding.times.continued import between, listed
from tinyagent.grounding.times.moments import Moment
from tinyagent.grounding.times.relative_days import read_day
from tinyagent.grounding.times.time_tokens import Scan

T = TypeVar("T")
GLUE = frozenset({"at", "on", "by", "for", "from", "until", "till", "to", "due", "@", "around", "sometime"})
_FURTHEST = 40  # composites join a date with clock times at most this many tokens away
_MOST_COMPOSITES = 8
_MOST_RUNS = 24  # of a text that is no command: what comes after these makes no composites
_MOST_GLUE = 2
_KEPT = frozenset({"before", "after"})
_RANGE = frozenset({"to", "until", "till", "through", "and", "-"})
_SAME_DAY = re.compile(r"\b(?:that|same|for the|on the) day\b(?! (?:after|before))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Run:
    """A moment in a command: its first token with glue, its first and last (exclusive) without.

    `words` are what is proposed where that is more than the run says ("6 pm" for the six of "5 pm, no, 6").
    """

    outer: int
    first: int
    end: int
    moment: Moment
    words: str = ""

    @property
    def is_clock(self) -> bool:
        """Whether it lacks a date."""
        return self.moment.clock is not None and self.moment.day is None

    @property
    def is_date(self) -> bool:
        """Whether it lacks a clock time."""
        return self.moment.clock is None and self.moment.exact is None


def with_glue(scan: Scan, i: int, end: int, moment: Moment, words: str = "") -> Run:
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
    return Run(outer, first, end, moment, words)


def proposal(scan: Scan, *runs: Run) -> Proposal:
    """Return the proposal of one run, or of several as one value."""
    words = " ".join(run.words or scan.cut(run.first, run.end) for run in runs)
    return Proposal(
        words, tuple((scan.tokens[run.outer].start, scan.tokens[run.end - 1].end) for run in runs)
    )


def composites(scan: Scan, runs: list[Run]) -> list[Proposal]:
    """Return the halves of a run that another one shares with it, and what runs say together.

    The latter may have no value ("one ... next week").
    """
    runs = runs[:_MOST_RUNS]
    lone = lone_dates(scan, runs)
    pairs = [
        (day, clock)
        for day in (*runs, *lone)
        if day.is_date
        for clock in runs
        if clock.is_clock and abs(day.first - clock.first) <= _FURTHEST
    ]
    pairs += _shared(scan, runs)
    alone = [*lone, *_lone_clocks(scan, runs)]
    joined = [proposal(scan, *sorted(pair, key=lambda run: run.first)) for pair in pairs[:_MOST_COMPOSITES]]
    return [proposal(scan, run) for run in alone] + joined


def _link(scan: Scan, one: Run, other: Run) -> str:
    """Return how one run goes on to the next: as a "range", a "list", a "correction" or not at all ("")."""
    if other.outer - one.end <= 1 and set(scan.words[one.end : other.first]) & _RANGE:
        return "range"
    if listed(scan, one.end, other.first):
        return "list"
    return "correction" if corrects(between(scan, one.end, other.first)) else ""


def _shared(scan: Scan, runs: list[Run]) -> Iterator[tuple[Run, Run]]:
    """Yield the dates and clock times that runs have together because one goes on from the other."""
    links = [_link(scan, one, other) for one, other in pairwise(runs)]
    date: Run | None = None
    for link, one, other in zip(links, runs, runs[1:], strict=False):
        date = _date_in(scan, one) or (date if one.is_clock else None) if link else None
        if date is not None and other.is_clock and (link != "list" or other.moment.part is None):
            yield date, other
        if link == "correction" and other.is_date and (clock := _clock_in(scan, one)):
            yield other, clock
    date = clock = None
    for link, one, other in reversed(list(zip(links, runs, runs[1:], strict=False))):
        back = link in {"range", "list"}
        own = _date_in(scan, other) if back else None
        if own is not None and own.first == other.first and link == "list":
            own = None  # "at five, tuesday at six"
        date = own or (date if back and other.is_clock else None)
        if date is not None and one.is_clock:
            yield date, one
        clock = _clock_in(scan, other) or (clock if other.is_date else None) if back else None
        if clock is not None and one.is_date and one.moment.is_day and listed(scan, one.end, other.first):
            yield one, clock


def lone_dates(scan: Scan, runs: list[Run]) -> list[Run]:
    """Return the friday of "friday at 7:10 ... and what else is on that day"."""
    if len(scan.text) > 400 or not _SAME_DAY.search(scan.text):
        return []
    return [date for run in runs if (date := _date_in(scan, run)) is not None]


def _lone_clocks(scan: Scan, runs: list[Run]) -> list[Run]:
    """Return the four of "from two to four on friday", whose day its start has too."""
    return [
        clock
        for one, other in pairwise(runs)
        if one.is_clock
        and _link(scan, one, other) == "range"
        and (clock := _clock_in(scan, other))
        and clock.first == other.first
        and ("and" not in scan.words[one.end : other.first] or scan.before(one.first) == "between")
    ]


def _date_in(scan: Scan, run: Run) -> Run | None:
    """Return the date at one end of a run that has a clock time too ("friday" of "four on friday")."""
    return _half(scan, run, read_day, lambda day: Moment(day=day))


def _clock_in(scan: Scan, run: Run) -> Run | None:
    """Return the clock time at one end of a run that has a date too ("four" of "four on friday")."""
    return _half(scan, run, read_clock, lambda clock: Moment(clock=clock))


def _half(
    scan: Scan, run: Run, read: Callable[[Scan, int], tuple[T, int] | None], moment: Callable[[T], Moment]
) -> Run | None:
    """Return what `read` finds at one end of a run that has both halves, as a run of its own."""
    if run.moment.day is None or run.moment.clock is None:
        return None
    for k in range(run.first, run.end):
        found = read(scan, k)
        if found is not None and (k == run.first or found[1] == run.end):
            glued = scan.before(k) in GLUE and k > run.first
            return Run(run.outer if k == run.first else k - glued, k, found[1], moment(found[0]))
    return None
