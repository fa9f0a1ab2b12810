"""Points in time: finds them in a command and resolves their words. Pure functions; `now` is an argument.

The grammar is compositional: `clock_times`, `day_parts`, `absolute_dates`, `relative_days` and `holidays`
each read one kind of thing, `moment_reader` joins what belongs together, `continued` reads what goes on from the time
before, `pieces` joins what stands apart, and this module says what a command offers as values.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from tinyagent.grounding.base import Proposal
from tinyagent.grounding.times.continued import goes_on, read_continued, shared_half
from tinyagent.grounding.times.day_parts import Part
from tinyagent.grounding.times.durations import resolve_duration
from tinyagent.grounding.times.durations_in_text import find_duration
from tinyagent.grounding.times.moment_reader import read_moment
from tinyagent.grounding.times.moments import Moment
from tinyagent.grounding.times.periods import resolve_span
from tinyagent.grounding.times.pieces import GLUE, Run, composites, proposal, with_glue
from tinyagent.grounding.times.recurrence import (
    find_recurrence,
    recurring_runs,
    resolve_recurrence,
)
from tinyagent.grounding.times.rules import first_occurrence
from tinyagent.grounding.times.spans_in_text import find_span
from tinyagent.grounding.times.time_tokens import Scan

__all__ = [
    "bare_clock_times", "find_duration", "find_recurrence", "find_span", "find_when", "first_occurrence",
    "resolve_duration", "resolve_recurrence", "resolve_span", "resolve_when", "says_only_clock",
]  # fmt: skip

_BOUNDS = frozenset(
    "before after since between until till past starting as no later than within during over through".split()
)
"""Words before a moment that say how it bounds something; as a point in time it stays the same."""
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
            if words[last].group().lower() == "to" and last + 1 < len(words):
                continue  # "ten to call Bo"
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


def _find(text: str, now: datetime) -> list[Proposal]:
    scan = Scan(text, now, strict=True)
    runs: list[Run] = []
    i = 0
    recurring = recurring_runs(scan)
    scan.stops = frozenset(recurring)
    while i < scan.length:
        if i in recurring:
            i = recurring[i]
            continue
        run = _run(scan, i, runs[-1] if runs else None)
        if run is None:
            i += 1
            continue
        runs.append(run)
        i = run.end
    joined = composites(scan, runs) if len(runs) > 1 else []
    whole = [proposal(scan, run) for run in runs]
    return whole + [p for p in joined if len(p.spans) == 1 or resolve_when(p.words, now) is not None]


def _run(scan: Scan, i: int, last: Run | None) -> Run | None:
    """Read the run that starts at token i; after the `last` one it may leave out what that said."""
    read, words = read_moment(scan, i), ""
    if last is None:
        return with_glue(scan, i, read[1], read[0]) if read is not None else None
    if read is None or last.moment.exact is not None:
        continued = read_continued(scan, i, last.moment, last.first, last.end)
        if read is None and continued is None:
            return None
        read, words = (continued[:2], continued[2]) if continued is not None else (read, "")
    assert read is not None
    run = with_glue(scan, i, read[1], read[0], words)
    half = shared_half(last.moment, run.moment)
    if half and run.moment.clock is not None and goes_on(scan, last.end, run.first):
        clock = replace(run.moment.clock, half=half)
        words = f"{scan.cut(run.first, run.end)} {half}"
        run = replace(run, moment=replace(run.moment, clock=clock), words=words)
    return run
