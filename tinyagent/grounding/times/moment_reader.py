"""Reads moments: joins days, clock times and parts of the day in whatever order they are said.

"three in the afternoon on monday", "monday afternoon at three" and "monday, 3 pm" are the same `Moment`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from tinyagent.grounding.times.calendar_days import Day, merge
from tinyagent.grounding.times.calendar_words import PARTS
from tinyagent.grounding.times.clock_times import NUMBER_GLUE, Clock, read_clock
from tinyagent.grounding.times.day_parts import NO_DAY, Part, read_part
from tinyagent.grounding.times.durations import Amount, read_amount
from tinyagent.grounding.times.moments import Moment
from tinyagent.grounding.times.relative_days import read_day
from tinyagent.grounding.times.time_numbers import read_integer
from tinyagent.grounding.times.time_tokens import Scan

_GLUE = frozenset(
    """at on in of for by , - ( ) the around about @ from next doors starting sometime between""".split()
)
_MOST_GLUE = 3
_MOST_PIECES = 6
_OF_A_DAY = frozenset({"early", "late", "end of named day"})


Piece = Day | Clock | Part | datetime


def read_moment(scan: Scan, i: int, depth: int = 0) -> tuple[Moment, int] | None:
    """Read the longest moment that starts at token i.

    In a strict scan a bare number starts one only after a word like "at", or where a part of the day follows.
    """
    best: tuple[Moment, int] | None = None
    for piece, j in _pieces(scan, i, None, depth):
        moment = add(Moment(), piece, scan)
        if moment is None:
            continue
        found = _extend(scan, moment, j, depth)
        if found is not None and (best is None or found[1] > best[1]):
            best = found
    if best is None or (best[0].day is None and best[0].part is not None and best[0].part.name in _OF_A_DAY):
        return None
    if scan.strict and not _stands(scan, i, best[0], best[1]):
        return None
    return best


def _stands(scan: Scan, i: int, moment: Moment, j: int) -> bool:
    """Whether what was read in a command is a time by itself, and not a number of something."""
    before = scan.before(i)
    if moment.clock is not None and moment.clock.bare and scan.tokens[i].word not in {"tomorrow", "today"}:
        if _starts_with_clock(scan, i):
            if moment.part is not None:
                return True
            if before in {"the", "my"} and _of_alarms(scan, j):
                return True
            if _by_its_digits(scan, i, j) and (not before.isalnum() or before in NUMBER_GLUE):
                return True
            if before == "do" and scan.before(i - 1) in {"can", "could"} and scan.closes(j):
                return True
            if before == "by" and scan.before(i - 1) in {
                "divided",
                "multiplied",
                "divide",
                "multiply",
                "go",
                "increase",
            }:
                return False
            if (
                scan.tokens[i].end - scan.tokens[i].start == 3
                and scan.tokens[i].number > 0
                and moment.day is None
            ):
                return before in {"at", "@", "alarm", "for"} and scan.closes(j)  # "630", but "47 from 120"
            sure = moment.day is not None or scan.closes(j) or before in {"at", "@"}
            return before in NUMBER_GLUE and sure
    return True


def _of_alarms(scan: Scan, j: int) -> bool:
    """Whether what precedes token j says which alarms are meant: "the 5 alarm", "the 5, the 6 and the 7 alarms"."""
    for _ in range(_MOST_PIECES):
        if scan.words[j] in {"alarm", "alarms", "one"}:
            return True
        k = j
        while scan.words[k] in {",", "and", "or", "the", "my"}:
            k += 1
        clock = read_clock(scan, k) if k > j else None
        if clock is None:
            return False
        j = clock[1]
    return False


def _by_its_digits(scan: Scan, i: int, j: int) -> bool:
    """Whether digits look like a clock time and like nothing else: "7.45", "0530", "715 tomorrow"."""
    token, mark, minutes = scan.tokens[i : i + 3]
    if token.number < 0 or not (scan.closes(j) or scan.words[j] == "alarm"):
        return False
    if mark.word == "." and mark.tight and minutes.tight:
        return minutes.end - minutes.start == 2 and minutes.number % 5 == 0
    width = token.end - token.start
    return (width == 4 and token.word[0] == "0" and (i == 0 or scan.words[j] == "alarm")) or (
        width == 3 and j > i + 1
    )


def _starts_with_clock(scan: Scan, i: int) -> bool:
    read = read_clock(scan, i)
    return read is not None and read[0].bare


def _pieces(scan: Scan, i: int, so_far: Moment | None, depth: int) -> Iterator[tuple[Piece, int]]:
    """Yield what may stand at token i."""
    after_day = so_far is not None and (so_far.day is not None)
    clock = read_clock(scan, i)
    if clock is not None:
        yield clock
    part = read_part(scan, i, after_day)
    if part is not None:
        yield part
    day = read_day(scan, i)
    if day is not None:
        yield day
    if so_far is None and depth < 2:
        offset = _present(scan, i) or _same_time(scan, i) or _offset(scan, i, depth)
        if offset is not None:
            yield offset


def _extend(scan: Scan, moment: Moment, j: int, depth: int) -> tuple[Moment, int] | None:
    """Add to a moment what follows it, as long as it fits."""
    for _ in range(_MOST_PIECES):
        step = _next_piece(scan, moment, j, depth)
        if step is None:
            break
        moment, j = step
    if scan.strict and moment.clock is not None and moment.clock.bare and moment.day is not None:
        after = _skip_to_clock(scan, j)
        if after is not None:
            return None  # "(for) two tomorrow at 8": the number was no time
    if scan.words[j] == ")" and "(" in scan.words[max(0, j - 6) : j]:
        j += 1
    return moment, j


def _skip_to_clock(scan: Scan, j: int) -> int | None:
    if scan.words[j] in {"at", "by", "@"}:
        read = read_clock(scan, j + 1)
        return read[1] if read else None
    return None


def _next_piece(scan: Scan, moment: Moment, j: int, depth: int) -> tuple[Moment, int] | None:
    """Return the moment with the longest fitting piece after token j, past a little glue."""
    for skipped in range(_MOST_GLUE + 1):
        k = j + skipped
        if k in scan.stops:
            return None
        glue = scan.words[j:k]
        if any(word not in _GLUE for word in glue):
            return None
        best: tuple[Moment, int] | None = None
        for piece, end in _pieces(scan, k, moment, depth):
            if not _may_follow(scan, piece, glue, end):
                continue
            if "," in glue and scan.strict and moment.clock is not None and _skip_to_clock(scan, end):
                continue  # "at five, tuesday at six": two times
            joined = add(moment, piece, scan)
            if joined is not None and (best is None or end > best[1]):
                best = joined, end
        if best is not None:
            return best
    return None


def _may_follow(scan: Scan, piece: Piece, glue: list[str], end: int) -> bool:
    """Whether a piece may go on a moment after this glue; a range ("from") starts something of its own."""
    if "from" in glue or "between" in glue or "until" in glue:
        return not scan.strict and "between" not in glue and "-" not in scan.words[end : end + 1]
    if isinstance(piece, Clock):
        if "of" in glue or "the" in glue or "in" in glue:
            return False
        if piece.bare and "-" in glue:
            return False  # "november 19-20"
        if piece.bare and scan.strict and not glue and scan.words[end - 1] == "one":
            return False  # "the tuesday one"
        if piece.bare and scan.strict and not {"at", "@"} & set(glue):
            return scan.closes(end) and "for" not in glue
        return True
    if isinstance(piece, Day):
        return "for" not in glue or piece.grain == "day"
    return True


def add(moment: Moment, piece: Piece, scan: Scan) -> Moment | None:
    """Return the moment with one more piece, or None where the two contradict each other."""
    if isinstance(piece, datetime):
        return Moment(exact=piece) if moment == Moment() else None
    if moment.exact is not None:
        return None
    if isinstance(piece, Clock):
        if moment.clock is not None or (moment.day is not None and moment.day.grain not in {"day"}):
            return None
        return replace(moment, clock=piece)
    if isinstance(piece, Part):
        return _add_part(moment, piece)
    if moment.day is not None:
        both = merge(moment.day, piece, scan.anchor.date())
        return replace(moment, day=both) if both else None
    if piece.grain != "day" and (moment.clock is not None or moment.part is not None):
        return None
    if moment.part is not None and moment.part.day != NO_DAY and moment.part.name != "later":
        same = piece.start == scan.now.date() + timedelta(days=moment.part.day)
        return moment if same else None
    return replace(moment, day=piece)


def _add_part(moment: Moment, part: Part) -> Moment | None:
    """Add a part of the day.

    Two parts are one where the second makes the first exact ("early ... morning").
    """
    if moment.day is not None and moment.day.grain != "day":
        return None
    if part.day != NO_DAY and moment.day is not None:
        return None
    if moment.part is None:
        return replace(moment, part=part)
    first, second = moment.part, part
    if PARTS[first.name].half != PARTS[second.name].half and "first thing" not in {first.name, second.name}:
        return None
    return replace(moment, part=first)


def _offset(scan: Scan, i: int, depth: int) -> tuple[datetime, int] | None:
    """Read a time counted from another: "in twenty minutes", "an hour ago", "ten minutes before nine"."""
    leading = scan.words[i] == "in"
    j = i + leading
    j += leading and scan.words[j] in {"the", "like", "just"}
    found = read_amount(scan, j)
    if found is None and leading and not scan.strict and not scan.words[j + 1]:
        minutes = read_integer(scan, j)  # "in five"
        found = (Amount(seconds=60 * minutes[0]), minutes[1]) if minutes and 0 < minutes[0] <= 60 else None
    if found is None or (found[0].in_days and not found[0].seconds):
        return None
    amount, k = found
    now = scan.now.replace(microsecond=0)
    word = scan.words[k]
    if word == "from" and scan.words[k + 1] == "now":
        return amount.after(now), k + 2
    if word in {"hence", "later"}:
        return amount.after(now), k + 1
    if word == "ago":
        return amount.after(now, -1), k + 1
    if word in {"before", "after", "past"} and not leading:
        base = read_moment(scan, k + 1, depth + 1)
        if base is not None and not base[0].is_day:
            at = base[0].instant(scan.anchor)
            assert isinstance(at, datetime)  # it has a time of day
            return amount.after(at, -1 if word == "before" else 1), base[1]
    if not leading:
        return None
    if scan.words[k] == "'":
        k += 1
    if scan.words[k : k + 2] == ["or", "so"]:
        k += 2
    return amount.after(now), k + (scan.words[k] == "time")


_PRESENT = tuple(
    tuple(phrase.split())
    for phrase in (
        "right now", "at the moment", "at the minute", "at present", "at the present time", "straight away",
        "right away", "immediately", "rn",
    )
)  # fmt: skip


def _same_time(scan: Scan, i: int) -> tuple[datetime, int] | None:
    """Read "this time tomorrow", "the same time on friday"."""
    j = i + (scan.words[i] == "the")
    if scan.words[j] not in {"this", "same"} or scan.words[j + 1] != "time":
        return None
    day = read_day(scan, j + 2 + (scan.words[j + 2] == "on"))
    if day is None or day[0].grain != "day":
        return None
    return datetime.combine(day[0].start, scan.now.replace(microsecond=0).time()), day[1]


def _present(scan: Scan, i: int) -> tuple[datetime, int] | None:
    """Read "now" or one of its longer forms; a "now" that opens or goes on a sentence is no time."""
    now = scan.now.replace(microsecond=0)
    for phrase in _PRESENT:
        if tuple(scan.words[i : i + len(phrase)]) == phrase:
            return now, i + len(phrase)
    at_end = not scan.words[i + 1].isalnum() or scan.words[i + 1] in {"named", "called", "titled"}
    return (now, i + 1) if scan.words[i] == "now" and at_end and (i > 0 or not scan.strict) else None
