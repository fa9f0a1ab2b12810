"""Numbers and percentages in a command: which words say one, and what they say.

Knows digits, words, fractions, dozens and signs; not ordinals, clock times or money. Never raises on any
text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tinyagent.grounding.base import Proposal
from tinyagent.grounding.number_words import ARTICLES, Token, read_fraction, read_number, tokens, word_at
from tinyagent.grounding.units import resolve_unit

MAX_TOKENS = 20_000
_SIGN_WORDS = frozenset({"minus", "negative"})
_SIGN_MARKS = frozenset("-−–")
_SUFFIXES = {"k": 10**3, "m": 10**6, "bn": 10**9}
_NOT_AFTER = frozenset({"am", "pm", "st", "nd", "rd", "th", "a.m", "p.m", ":"})
_PERCENT = frozenset({"%", "percent", "pct", "percents"})
_LEVELS = {
    "max": 100, "maximum": 100, "full": 100, "full blast": 100, "all the way up": 100, "the max": 100,
    "highest": 100, "the maximum": 100, "full volume": 100, "full brightness": 100, "fully": 100, "min": 0,
    "minimum": 0, "the minimum": 0, "all the way down": 0, "lowest": 0, "half": 50, "halfway": 50, "half way":
    50, "a half": 50, "a third": 33, "two thirds": 67, "a quarter": 25, "one quarter": 25, "quarter": 25,
    "three quarters": 75, "half volume": 50, "half brightness": 50, "zero": 0, "nothing": 0,
}  # fmt: skip
_LEVEL = re.compile(
    r"(?<!\w)(?:" + "|".join(sorted(map(re.escape, _LEVELS), key=len, reverse=True)) + r")(?!\w)",
    re.IGNORECASE,
)
_GLUE = re.compile(r"(?<!\w)(?:up to|down to|to|at|by|of|on|for)\s+(?:about |around )?$", re.IGNORECASE)
_PERCENT_WORDS = re.compile(r"(.+?)(?:\s*%|\s+(?:percent|per cent|pct))?", re.IGNORECASE | re.DOTALL)


def parse_number(words: str) -> Decimal | None:
    """Return what the words say ("a hundred and five", "-2.5", "a dozen", "half a"), or None."""
    row = tokens(words)
    if not row or len(row) > 60:
        return None
    sign, at = (-1, 1) if row[0].text in _SIGN_WORDS | _SIGN_MARKS else (1, 0)
    if at == 0 and row[0].text == "+":
        at = 1
    read = read_number(row, at)
    if read is None and word_at(row, at) in ARTICLES:
        read = _article(row, at)
    if read is None:
        return None
    value, after = read
    if after == len(row) - 1 and row[after].text in _SUFFIXES and row[after].start == row[after - 1].end:
        value, after = value * _SUFFIXES[row[after].text], after + 1
    after += word_at(row, after) == "of"
    after += word_at(row, after) in ARTICLES
    return sign * _decimal(value) if after == len(row) else None


def _article(row: Sequence[Token], at: int) -> tuple[Fraction, int]:
    """Read a bare article as one ("a pound"), with "and a half" after it ("an [hour] and a half")."""
    if word_at(row, at + 1) == "and":
        part = read_fraction(row, at + 2)
        if part:
            return 1 + part[0], part[1]
    return Fraction(1), at + 1


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def resolve_number(words: str) -> float | int | None:
    """Return the number the words say: an int where it is whole, else a float; None where they say none."""
    value = parse_number(words)
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def find_numbers(text: str) -> list[Proposal]:
    """Return the runs of words that say a number, in text order.

    An article counts where a unit follows ("an ounce"). "an hour and a half" is proposed as "an and a half".
    """
    row = tokens(text)[:MAX_TOKENS]
    found: list[Proposal] = []
    at = 0
    while at < len(row):
        after = None if _part_of_other(text, row, at) else _signed(row, at)
        if after is None:
            if row[at].text not in ARTICLES or not _unit_after(text, row, at + 1):
                at += 1
                continue
            after = at + 1
        proposal, rest = _with_unit(text, row, at, after)
        found.append(proposal)
        if word_at(row, after) in _SUFFIXES and row[after].start == row[after - 1].end:
            found.append(_proposal(text, row, (at, after + 1)))
        at = rest
    return found


def _part_of_other(text: str, row: Sequence[Token], at: int) -> bool:
    """Whether a digit token belongs to a clock time, an ordinal or a date."""
    token = row[at]
    if token.kind != "number":
        return False
    before, after = text[token.start - 1 : token.start], text[token.end : token.end + 1]
    if before == ":" or (after == ":" and text[token.end + 1 : token.end + 2].isdigit()):
        return True
    if at + 1 < len(row) and row[at + 1].text in _NOT_AFTER and row[at + 1].start == token.end:
        return row[at + 1].text != ":"
    if before in {"-", "/"} and text[token.start - 2 : token.start - 1].isdigit():
        return True
    return after == "-" and text[token.end + 1 : token.end + 2].isdigit()


def _signed(row: Sequence[Token], at: int) -> int | None:
    """Return the token after the number (with its sign) that starts at `at`."""
    start = at
    if row[at].text in _SIGN_WORDS:
        start += 1
    elif row[at].text in _SIGN_MARKS:
        lone = at == 0 or row[at - 1].end < row[at].start
        if not lone or at + 1 >= len(row) or row[at + 1].start != row[at].end:
            return None
        start += 1
    read = read_number(row, start)
    return read[1] if read else None


def _unit_after(text: str, row: Sequence[Token], at: int) -> int:
    """Return how many tokens from `at` make a unit (0: none)."""
    for length in (3, 2, 1):
        part = row[at : at + length]
        if len(part) == length and resolve_unit(text[part[0].start : part[-1].end], typos=False):
            return length
    return 0


def _with_unit(text: str, row: Sequence[Token], start: int, after: int) -> tuple[Proposal, int]:
    """Return the number with what follows its unit ("an hour and a half"), and the token after all of it."""
    rest = after + _unit_after(text, row, after)
    if (
        rest > after
        and word_at(row, rest) == "and"
        and (part := read_fraction(row, rest + 1))
        and part[0] < 1
    ):
        return _proposal(text, row, (start, after), (rest, part[1])), part[1]
    return _proposal(text, row, (start, after)), after


def _proposal(text: str, row: Sequence[Token], *ranges: tuple[int, int]) -> Proposal:
    spans = tuple((row[a].start, row[b - 1].end) for a, b in ranges)
    return Proposal(" ".join(" ".join(text[a:b].split()) for a, b in spans), spans)


def resolve_percent(words: str) -> int | None:
    """Return the level 0-100 that the words say ("fifty percent", "70", "half", "max"); None otherwise."""
    said = " ".join(words.lower().split())
    if said in _LEVELS:
        return _LEVELS[said]
    if said.count(" out of ") == 1:
        part, whole = map(parse_number, said.split(" out of "))
        value = part / whole * 100 if part is not None and whole else None
        marked = True
    else:
        match = _PERCENT_WORDS.fullmatch(said)
        value = parse_number(match.group(1)) if match else None
        marked = bool(match) and match is not None and match.end(1) < len(said)
    if value is None or not 0 <= value <= 100 or not (marked or value == value.to_integral_value()):
        return None
    return int(value.to_integral_value(ROUND_HALF_UP))


def find_percents(text: str) -> list[Proposal]:
    """Return the runs of words that say a level from 0 to 100, in text order; spans include "to", "at"."""
    row = tokens(text)[:MAX_TOKENS]
    ranges: list[tuple[int, int]] = []
    at = 0
    while at < len(row):
        read = None if _part_of_other(text, row, at) else read_number(row, at)
        if read is None:
            at += 1
            continue
        after = read[1]
        if word_at(row, after) in _PERCENT:
            after += 1
        elif word_at(row, after) == "per" and word_at(row, after + 1) == "cent":
            after += 2
        elif word_at(row, after) == "out" and word_at(row, after + 1) == "of":
            whole = read_number(row, after + 2)
            after = whole[1] if whole else after
        ranges.append((row[at].start, row[after - 1].end))
        at = after
    taken = [r for r in ranges if resolve_percent(text[r[0] : r[1]]) is not None]
    for match in _LEVEL.finditer(text[: MAX_TOKENS * 8]):
        if not any(a < match.end() and match.start() < b for a, b in _near(taken, match.start())):
            taken.append(match.span())
            taken.sort()
    return [Proposal(" ".join(text[a:b].split()), ((_glue(text, a), b),)) for a, b in taken]


def _near(ranges: list[tuple[int, int]], place: int) -> list[tuple[int, int]]:
    from bisect import bisect

    middle = bisect(ranges, (place, place))
    return ranges[max(0, middle - 1) : middle + 1]


def _glue(text: str, start: int) -> int:
    begin = max(0, start - 20)
    match = _GLUE.search(text[begin:start])
    return begin + match.start() if match else start
