"""Finds the lengths of time that a command says, also where several share one unit ("ten and sixteen minutes")."""

from __future__ import annotations

from tinyagent.grounding.base import Proposal
from tinyagent.grounding.corrections import corrects
from tinyagent.grounding.times.calendar_words import WEEKDAYS
from tinyagent.grounding.times.continued import between, unit_text
from tinyagent.grounding.times.durations import (
    EPOCH,
    GLUE,
    LOOSE,
    read_bare_amount,
    read_duration,
    read_unit,
)
from tinyagent.grounding.times.time_numbers import read_number
from tinyagent.grounding.times.time_tokens import Scan

_JOINTS = frozenset({",", "and", "or"})
_CLOCK_GLUE = frozenset({"at", "@", "by", "until", "till", "past", "before", "after", "to", "$", "€", "£"})
"""Words after which a number is rather a clock time, or money."""

_LONGEST_LIST = 6


def find_duration(text: str) -> list[Proposal]:
    """Return every maximal run of words in `text` that says a length of time, in text order.

    A number that shares the unit of a later one comes with it in pieces ("ten ... minutes"); one that corrects a length
    has that one's unit in its words, and only its own place ("ten minutes, no, fifteen" has "fifteen minutes").
    """
    scan = Scan(text, EPOCH, strict=True)
    found: list[Proposal] = []
    unit = last = -1  # the token of the last length's unit, and the one after that length
    i = 0
    while i < scan.length:
        read = read_duration(scan, i)
        if read is not None:
            start, outer = _start(scan, i)
            unit, j = _unit(scan, start, read[1]), read[1]
            if unit >= 0:
                found += _sharing(scan, start, unit, max(last, 0))
            found.append(_proposal(scan, start, j, outer))
        elif unit >= 0 and (j := _corrected(scan, i, unit, last)):
            words = f"{scan.cut(i, j)} {unit_text(scan, unit)}"
            found.append(Proposal(words, ((scan.tokens[i].start, scan.tokens[j - 1].end),)))
        else:
            i += 1
            continue
        i = last = j
    return found


def _start(scan: Scan, i: int) -> tuple[int, int]:
    """Return the first token of the words and the first with the preposition."""
    outer = i - 1 if scan.before(i) in GLUE else i
    while scan.words[i] in LOOSE or (scan.words[i] == "another" and scan.words[i + 1] in {"half", "quarter"}):
        i += 1
    return i, outer


def _proposal(scan: Scan, first: int, end: int, outer: int) -> Proposal:
    return Proposal(scan.cut(first, end), ((scan.tokens[outer].start, scan.tokens[end - 1].end),))


def _unit(scan: Scan, first: int, end: int) -> int:
    """Return the last token in a length of time that is a unit, -1 where none is."""
    return next((k for k in range(end - 1, first, -1) if read_unit(scan, k) == (scan.words[k], k + 1)), -1)


def _corrected(scan: Scan, i: int, unit: int, last: int) -> int:
    """Return the token after a bare number that corrects the length before it (0: there is none)."""
    if scan.before(i) in _CLOCK_GLUE or not corrects(between(scan, last, i)):
        return 0
    amount = read_bare_amount(scan, i, scan.words[unit])
    return amount[1] if amount is not None else 0


def _sharing(scan: Scan, start: int, unit: int, after: int) -> list[Proposal]:
    """Return the numbers before token `start` that its unit counts too: the 5 and 10 of "5, 10 and 15 minutes"."""
    number = read_number(scan, start)
    if number is None or number[1] + (scan.words[number[1]] == "-") != unit:
        return []
    found: list[Proposal] = []
    name = scan.words[unit]
    end = start
    while len(found) < _LONGEST_LIST:
        j = end
        while j > after and scan.words[j - 1] in _JOINTS:
            j -= 1
        if j == end or j <= after or (scan.tokens[j].tight and scan.tokens[j + 1].tight):
            break
        first = next((k for k in (j - 2, j - 1) if k >= after and _whole(scan, k, j)), -1)
        if first < 0 or _of_clock(scan, first) or read_bare_amount(scan, first, name) is None:
            break
        words = f"{scan.cut(first, j)} {scan.cut(unit, unit + 1)}"
        outer = first - 1 if scan.before(first) in GLUE else first
        spans = (
            (scan.tokens[outer].start, scan.tokens[j - 1].end),
            (scan.tokens[unit].start, scan.tokens[unit].end),
        )
        found.insert(0, Proposal(words, spans))
        end = first
    return found


def _of_clock(scan: Scan, first: int) -> bool:
    """Whether the number at token `first` belongs to a clock time: "quarter to nine", "14:30", "friday nine"."""
    before = scan.before(first)
    number = first > 0 and read_number(scan, first - 1) is not None
    return scan.tokens[first].tight or number or before in _CLOCK_GLUE or before in WEEKDAYS


def _whole(scan: Scan, first: int, end: int) -> bool:
    """Whether tokens `first` to `end` are one number."""
    read = read_number(scan, first)
    return read is not None and read[1] == end
