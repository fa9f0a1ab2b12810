"""Days and ranges of time as intervals: "this weekend", "between two and four on friday", "until friday".

An interval is "start/end" in ISO 8601, local, start inclusive and end exclusive. A day is its 24 hours, a
clock time the hour that it begins; a range of days includes the last one said.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from tinyagent.grounding.base import Proposal
from tinyagent.grounding.times.calendar_words import PARTS, WEEKDAYS
from tinyagent.grounding.times.day_parts import NO_DAY
from tinyagent.grounding.times.durations import read_amount
from tinyagent.grounding.times.moment_reader import read_moment
from tinyagent.grounding.times.moments import Moment
from tinyagent.grounding.times.ranges import Interval, read_end, read_range
from tinyagent.grounding.times.time_numbers import read_integer
from tinyagent.grounding.times.time_tokens import Scan

_BOUNDS = frozenset({"before", "after", "until", "till", "since", "by", "past"})

_OUTER_GLUE = frozenset({"on", "at", "by", "for", "of", "the", "during", "over", "around", "from"})

_KEPT = frozenset("in during over around until till since before after".split())

_WITHOUT_IN = frozenset(WEEKDAYS) | {"today", "tomorrow", "tonight", "this", "next", "last", "yesterday"}
_LONGEST_WORDS = 400

_ALWAYS = timedelta(days=365)  # how far "after friday" and "before friday" reach without another end


def resolve_span(words: str, now: datetime) -> str | None:
    """Return the interval that `words` say as "start/end" in ISO 8601, or None."""
    try:
        scan = Scan(words[:_LONGEST_WORDS], now)
        i = 0
        while i < min(scan.length, 4):
            read = read_span(scan, i)
            if read is not None and not any(word.isalnum() for word in scan.words[read[1] : scan.length]):
                start, end = read[0]
                return f"{_iso(start)}/{_iso(end)}" if start < end else None
            if scan.words[i] not in _OUTER_GLUE | {"in", "what's"}:
                return None
            i += 1
    except (OverflowError, ValueError):  # beyond the calendar's years
        return None
    return None


def _iso(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()


def find_span(text: str, now: datetime) -> list[Proposal]:
    """Return every maximal run of words in `text` that says a day or a range of time, in text order."""
    found = []
    try:
        scan = Scan(text, now, strict=True)
        i = 0
        while i < scan.length:
            read = read_span(scan, i)
            if read is None or read[0][0] >= read[0][1]:
                i += 1
                continue
            end = read[1]
            first = i - 1 if scan.before(i) in _KEPT else i
            if scan.before(i) in {"in", "from"} and scan.words[i] in _WITHOUT_IN:
                first = i  # "squeeze something in friday afternoon", "remove all meetings from monday"
            if scan.words[i] == "the" and scan.words[i + 1] in WEEKDAYS and scan.words[i + 2] != "after":
                first = i = i + 1
            start = (
                first - 1
                if first and scan.words[first - 1] in {"on", "at", "by", "for", "of", "from"}
                else first
            )
            found.append(
                Proposal(scan.cut(first, end), ((scan.tokens[start].start, scan.tokens[end - 1].end),))
            )
            i = end
    except (OverflowError, ValueError):  # beyond the calendar's years
        pass
    return found


def read_span(scan: Scan, i: int) -> tuple[Interval, int] | None:
    """Read the longest interval that starts at token i."""
    best: tuple[Interval, int] | None = None
    for reader in (read_range, _bound, _next_amount, _rest_of_day, _length_from, _moment_span):
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
        bounded = _bound_after(scan, read[0], read[1])
        if bounded:
            return bounded
        if scan.words[read[1]] in {"or", "and"} and scan.words[read[1] + 1] in {
            "later",
            "after",
            "earlier",
            "before",
        }:
            word = "after" if scan.words[read[1] + 1] in {"later", "after"} else "before"
            interval = _bounded(word, read[0], scan.now)
            return (interval, read[1] + 2) if interval else None
        return read[0].interval(scan.now), read[1]
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
        start, end = part[0].interval(scan.now)
        return (max(start, scan.now) if start < scan.now < end and word == "before" else start, end), part[1]
    if read is None:
        return None
    moment, j = read
    if within is not None:
        moment = replace(moment, day=moment.day or within.day, part=moment.part or within.part)
    interval = _bounded(word, moment, scan.now)
    return (interval, j) if interval else None


def _bounded(word: str, moment: Moment, now: datetime) -> Interval | None:
    now = now.replace(microsecond=0)
    start, end = moment.interval(now)
    if word in {"before", "until", "till", "by"}:
        whole = moment.is_day and word != "before" and moment.day is not None and moment.day.grain == "day"
        limit = end if whole else start
        if moment.is_day and moment.day is not None and moment.day.point:
            limit = start + timedelta(days=moment.day.point + 1)  # "before the end of the month" includes it
        begin = now
        if moment.day is not None and moment.clock is not None and start.date() > now.date():
            begin = datetime.combine(start.date(), time()) if word == "before" else now
        return (begin, limit) if begin < limit else (limit - _ALWAYS, limit)
    if word == "since":
        return (start, now) if start < now else (start - _ALWAYS, now)
    if moment.is_day:
        return end, end + _ALWAYS
    midnight = datetime.combine(start.date() + timedelta(days=1), time())
    return start, midnight


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
    begin = moment.interval(scan.now)[0]
    return (begin, length[0].after(begin)), end


def _rest_of_day(scan: Scan, i: int) -> tuple[Interval, int] | None:
    """Read "the rest of the day", "the remainder of this afternoon": from now to its end."""
    j = i + (scan.words[i] == "the")
    if scan.words[j] not in {"rest", "remainder"} or scan.words[j + 1] != "of":
        return None
    k = j + 2 + (scan.words[j + 2] in {"the", "my", "this"})
    part = "day" if scan.words[k] in {"day", "today"} else scan.words[k]
    if part not in PARTS and part != "day":
        return None
    midnight = datetime.combine(scan.now.date(), time())
    end = midnight + timedelta(hours=24 if part == "day" else PARTS[part].end)
    start = scan.now.replace(microsecond=0)
    return ((start, end), k + 1) if start < end else None


def _next_amount(scan: Scan, i: int) -> tuple[Interval, int] | None:
    """Read "the next 48 hours", "in the next hour", "within five minutes", "the last ten minutes"."""
    j = i
    j += scan.words[j] in {"in", "over", "for", "during", "within"}
    within = scan.words[i] == "within"
    j += scan.words[j] == "the"
    way = scan.words[j]
    found = None
    number = read_integer(scan, j)
    if number is not None and scan.words[number[1]] in {"next", "coming", "upcoming", "last", "past"}:
        if number[0] != 1 and scan.text[scan.tokens[number[1] + 1].end - 1] not in "sS":
            return None  # "I counted 13 last minute"
        way = scan.words[number[1]]  # "the five coming minutes"
        found = read_amount(Scan(f"{number[0]} {scan.words[number[1] + 1]}", scan.now), 0)
        found = (found[0], number[1] + 2) if found else None
    elif way in {"next", "coming", "last", "past"}:
        j += 1
    elif not within:
        return None
    found = found or read_amount(scan, j)
    if found is None and scan.words[j] in {"hour", "minute", "half", "couple", "few"}:
        article = "a " if scan.words[j] in {"couple", "few"} else "1 "
        tail = " ".join(scan.words[j : j + 4])
        sub = read_amount(Scan((article if scan.words[j] != "half" else "") + tail, scan.now), 0)
        if sub is not None:
            found = sub[0], j + sub[1] - (scan.words[j] != "half")
    if found is None or (found[0].in_days and not within):
        return None
    now = scan.now.replace(microsecond=0)
    if way in {"last", "past"} and not within:
        return (found[0].after(now, -1), now), found[1]
    return (now, found[0].after(now)), found[1]
