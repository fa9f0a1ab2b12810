"""Days and ranges of time as intervals: "this weekend", "between two and four on friday", "until friday".

An interval is "start/end" in ISO 8601, local, start inclusive and end exclusive. A day is its 24 hours, a
clock time the hour that it begins; a range of days includes the last one said. Words look ahead, or back with
prefer="past".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

from tinyagent.calls import EARLIEST
from tinyagent.grounding.times.bounds import bounded, midnight_after
from tinyagent.grounding.times.day_parts import NO_DAY
from tinyagent.grounding.times.durations import read_amount
from tinyagent.grounding.times.moment_reader import read_moment
from tinyagent.grounding.times.moments import Moment
from tinyagent.grounding.times.ranges import Interval, read_end, read_range
from tinyagent.grounding.times.relative_days import period
from tinyagent.grounding.times.spans_from_now import read_amount_from_now, read_rest_of_day
from tinyagent.grounding.times.time_tokens import Scan

_BOUNDS = frozenset({"before", "after", "until", "till", "since", "by", "past"})

_SIDES = {"later": "after", "after": "after", "earlier": "before", "before": "before"}

_OUTER_GLUE = frozenset({"on", "at", "by", "for", "of", "the", "during", "over", "around", "from"})

_LONGEST_WORDS = 400

_FURTHEST_BACK = 9 * 366  # days: the last 29 February is at most eight years ago


def resolve_span(words: str, now: datetime, prefer: str = "day") -> str | None:
    """Return the interval that `words` say as "start/end" in ISO 8601, or None.

    What leaves open which one it is ("friday", "june", "the 3rd", "nine") is the next one; with prefer="past" it is
    the latest that has begun by now, bounds reach back to `calls.EARLIEST` and end with today, and words that can
    only mean what is still to come ("tomorrow") have no value.
    """
    try:
        scan = Scan(words[:_LONGEST_WORDS], now)
        scan.past = prefer == "past"
        found = _latest(scan) if scan.past else _whole(scan)
    except (OverflowError, ValueError):  # beyond the calendar's years
        return None
    return f"{_iso(found[0])}/{_iso(found[1])}" if found else None


def _whole(scan: Scan) -> Interval | None:
    """Read words that are an interval as a whole, whatever preposition they start with."""
    for i in range(min(scan.length, 4)):
        read = read_span(scan, i)
        if read is not None and not any(word.isalnum() for word in scan.words[read[1] : scan.length]):
            return read[0] if read[0][0] < read[0][1] else None
        if scan.words[i] not in _OUTER_GLUE | {"in", "what's"}:
            return None
    return None


def _latest(scan: Scan) -> Interval | None:
    """Return the latest reading of the words that has begun by now.

    Readings move on with the anchor, so halving finds the last anchor whose reading has begun.
    """

    def begun(days: int) -> Interval | None:
        if days:
            scan.anchor = datetime.combine(scan.now.date() - timedelta(days=days - 1), time())
        found = _whole(scan)
        return found if found and found[0] <= scan.now else None

    near, far = 0, _FURTHEST_BACK
    best = begun(near)
    if best is not None:
        return best
    best = begun(far)
    while best is not None and far - near > 1:
        middle = (near + far) // 2
        found = begun(middle)
        if found is None:
            near = middle
        else:
            far, best = middle, found
    return best


def _iso(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()


def read_span(scan: Scan, i: int) -> tuple[Interval, int] | None:
    """Read the longest interval that starts at token i."""
    best: tuple[Interval, int] | None = None
    for reader in _READERS:
        found = reader(scan, i)
        if found is not None and (best is None or found[1] > best[1]):
            best = found
    return best


def _moment_span(scan: Scan, i: int) -> tuple[Interval, int] | None:
    """Read a moment as an interval; "in"/"over"/"around" before it change nothing."""
    j = i + (scan.words[i] in {"in", "during", "over", "around", "this"} and not scan.strict)
    for start in dict.fromkeys((i, j)):
        read = read_moment(scan, start)
        if read is None:
            continue
        within = _bound_after(scan, read[0], read[1])
        if within:
            return within
        side = _SIDES.get(scan.words[read[1] + 1], "") if scan.words[read[1]] in {"or", "and"} else ""
        if side:
            interval = bounded(side, read[0], scan)
            return (interval, read[1] + 2) if interval else None
        return _ago(scan, read[0], read[1]) or read[0].interval(scan.now, scan.anchor), read[1]
    return None


def _bound_after(scan: Scan, moment: Moment, j: int) -> tuple[Interval, int] | None:
    """Read "tuesday before five", "monday between two and four", "next week tuesday to thursday"."""
    if (
        moment.day is None and (moment.part is None or moment.part.day == NO_DAY)
    ) or moment.clock is not None:
        return None
    k = j + (scan.words[j] in {",", "at"})
    return _length_from(scan, k, moment) or read_range(scan, k, moment) or _bound(scan, k, moment)


def _bound(scan: Scan, i: int, within: Moment | None = None) -> tuple[Interval, int] | None:
    """Read "before six", "after lunch tomorrow", "until friday", "since yesterday"."""
    word = scan.words[i]
    if scan.words[i + 1] == "than" and word in {"later", "earlier"}:
        word = "after" if word == "later" and scan.before(i) != "no" else "before"
    if word not in _BOUNDS or (word in {"by", "past"} and scan.strict):
        return None
    read = read_end(scan, i + 1 + (scan.words[i + 1] == "than"), True)
    part = read_moment(scan, i) if word in {"after", "before"} else None
    if part is not None and (read is None or part[1] >= read[1]):
        if part[0].part is None or within is not None:
            return None
        start, end = part[0].interval(scan.now, scan.anchor)
        running = start < scan.now < end and word == "before" and not scan.past
        return (max(start, scan.now) if running else start, end), part[1]
    if read is None:
        return None
    moment, j = read
    if within is not None:
        moment = replace(moment, day=moment.day or within.day, part=moment.part or within.part)
    interval = bounded(word, moment, scan)
    return (interval, j) if interval else None


def _ago(scan: Scan, moment: Moment, j: int) -> Interval | None:
    """Return the week, month or year of "two years ago", where one looks back: the very day is hardly meant."""
    unit = scan.words[j - 2] if scan.words[j - 1] == "ago" else ""
    if not scan.past or not moment.is_day or moment.day is None or unit not in {"week", "month", "year"}:
        return None
    whole = period(moment.day.start, unit, 0)
    return Moment(day=whole).interval(scan.now) if whole else None


def _age(scan: Scan, i: int) -> tuple[Interval, int] | None:
    """Read "older than a year", "newer than two weeks", "older than 2020"."""
    side = {"older": "before", "newer": "after"}.get(scan.words[i], "")
    if not side or scan.words[i + 1] != "than":
        return None
    past, scan.past = scan.past, True  # whatever the rest speaks of
    read = read_end(scan, i + 2, True)
    interval = bounded(side, read[0], scan) if read is not None and read[0].is_day else None
    scan.past = past
    if read is not None and interval is not None:
        return interval, read[1]
    length = read_amount(scan, i + 2)
    if length is None:
        return None
    at = length[0].after(scan.now.replace(microsecond=0), -1)
    at = datetime.combine(at.date(), time()) if length[0].in_days else at
    return ((EARLIEST, at) if side == "before" else (at, midnight_after(scan.now))), length[1]


def _length_from(scan: Scan, i: int, within: Moment | None = None) -> tuple[Interval, int] | None:
    """Read "for three hours from ten am", "from 9:30 for seven hours", "two weeks starting on may 3rd"."""
    j = i + (scan.words[i] == "for")
    length = read_amount(scan, j)
    if length is not None:
        k = length[1] + (scan.words[length[1]] == ",")
        if scan.words[k] not in {"from", "starting"}:
            return None
        k += 1 + (scan.words[k + 1] in {"on", "at", "from"})
        start = read_end(scan, k, True)
        end = start[1] if start else k
    else:
        start = read_end(scan, i + (scan.words[i] in {"from", "starting"}), scan.words[i] == "from")
        if start is None or scan.words[start[1]] != "for":
            return None
        length = read_amount(scan, start[1] + 1)
        end = length[1] if length else i
    if start is None or length is None:
        return None
    moment = start[0]
    if within is not None:
        moment = replace(moment, day=moment.day or within.day, part=moment.part or within.part)
    begin = moment.interval(scan.now, scan.anchor)[0]
    return (begin, length[0].after(begin)), end


_READERS: tuple[Callable[[Scan, int], tuple[Interval, int] | None], ...] = (
    read_range, _bound, _age, read_amount_from_now, read_rest_of_day, _length_from, _moment_span,
)  # fmt: skip
