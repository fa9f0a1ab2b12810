"""Finds the days and ranges of time that a command says, for `periods` to resolve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from tinyagent.grounding.base import Proposal
from tinyagent.grounding.corrections import corrects
from tinyagent.grounding.times.calendar_words import WEEKDAYS
from tinyagent.grounding.times.continued import between, read_continued, read_sure
from tinyagent.grounding.times.day_parts import NO_DAY
from tinyagent.grounding.times.moment_reader import read_moment
from tinyagent.grounding.times.moments import Moment
from tinyagent.grounding.times.periods import read_span
from tinyagent.grounding.times.pieces import Run, lone_dates, proposal
from tinyagent.grounding.times.time_tokens import Scan

_KEPT = frozenset("in during over around until till since before after".split())
_GLUE = frozenset({"on", "at", "by", "for", "of", "from"})
_WITHOUT_IN = frozenset(WEEKDAYS) | {"today", "tomorrow", "tonight", "this", "next", "last", "yesterday"}
_PARTS = frozenset({"morning", "afternoon", "evening", "night"})
_MOST = 24  # of a text that is no command: what comes after these is not joined
_MOST_JOINED = 4


@dataclass(frozen=True, slots=True)
class _Found:
    """A run of words: tokens [first, end) are its words, `outer` is the first with glue, `start` without "in".

    Of a range whose end is corrected ("between two and four, no, five"), tokens [first, head) come before the end.
    """

    outer: int
    first: int
    start: int
    end: int
    head: int = 0


def find_span(text: str, now: datetime) -> list[Proposal]:
    """Return every maximal run of words in `text` that says a day or a range of time, in text order.

    After these comes what is said in pieces: a day and a part of the day that stand apart ("clear on friday? I mean
    my morning"), and the day of a time where "that day" is said.
    """
    scan = Scan(text, now, strict=True)
    found: list[_Found] = []
    try:
        i = 0
        while i < scan.length:
            end, corrected = _end(scan, i), found[-1] if found else None
            if not end and corrected is not None:
                end, head = _corrected_end(scan, i, corrected)
                found += [replace(corrected, start=i, end=end, head=head)] if head else []
            if end:
                found.append(_with_glue(scan, i, end))
            i = end or i + 1
        return [_proposal(scan, f) for f in found] + _pieces(scan, found[:_MOST])
    except (OverflowError, ValueError):  # beyond the calendar's years
        return [_proposal(scan, f) for f in found]


def _proposal(scan: Scan, found: _Found) -> Proposal:
    if found.head:
        head = Run(found.outer, found.first, found.head, Moment())
        return proposal(scan, head, Run(found.start, found.start, found.end, Moment()))
    return proposal(scan, Run(found.outer, found.first, found.end, Moment()))


def _end(scan: Scan, i: int) -> int:
    """Return the token after the run that starts at token i (0: there is none)."""
    read = read_span(scan, i)
    return read[1] if read is not None and read[0][0] < read[0][1] else 0


def _corrected_end(scan: Scan, i: int, last: _Found) -> tuple[int, int]:
    """Return the token after what corrects the run before at token i, and after what of a range stays (0: none)."""
    if not corrects(between(scan, last.end, i)):
        return 0, 0
    for k in range(last.start, last.end):
        read = read_sure(scan, k)
        if read is not None and read[1] == last.end:
            continued = read_continued(scan, i, read[0], last.start, last.end)
            if continued is None or continued[2]:
                return 0, 0
            return continued[1], k if scan.words[last.start] in {"between", "from"} else 0
    return 0, 0


def _with_glue(scan: Scan, i: int, end: int) -> _Found:
    first = i - 1 if scan.before(i) in _KEPT else i
    if scan.before(i) in {"in", "from"} and scan.words[i] in _WITHOUT_IN:
        first = i  # "squeeze something in friday afternoon", "remove all meetings from monday"
    if scan.words[i] == "the" and scan.words[i + 1] in WEEKDAYS and scan.words[i + 2] != "after":
        first = i = i + 1
    outer = first - 1 if first and scan.words[first - 1] in _GLUE else first
    return _Found(outer, first, i, end)


def _pieces(scan: Scan, found: list[_Found]) -> list[Proposal]:
    runs = list(_runs(scan, found))
    parts = [run for run in runs if _is_part(run.moment)]
    days = [run for run in runs if run.moment.is_day]
    pairs = [sorted((day, part), key=lambda run: run.first) for day in days for part in parts]
    return [proposal(scan, run) for run in lone_dates(scan, runs)] + [
        proposal(scan, *pair) for pair in pairs[:_MOST_JOINED]
    ]


def _is_part(moment: Moment) -> bool:
    """Whether it is a morning, an afternoon, an evening or a night of a day that it does not say."""
    part = moment.part
    if part is None or part.day != NO_DAY or moment.day is not None or moment.clock is not None:
        return False
    return part.name.split()[-1] in _PARTS


def _runs(scan: Scan, found: list[_Found]) -> Iterator[Run]:
    """Yield the runs that are one moment, of a single day or within one."""
    for f in found:
        read = read_moment(scan, f.start)
        if read is not None and read[1] == f.end and read[0].exact is None:
            if read[0].day is None or read[0].day.grain == "day":
                yield Run(f.outer, f.first, f.end, read[0])
