"""Reads numbers that people say or type: digits, words, fractions, dozens. Values are exact `Fraction`s.

`tokens` cuts a text into numbers, words and symbols with their places; `read_number` reads the longest number
that starts at a token. Nothing here knows what the number is for. English only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

_TOKEN = re.compile(
    r"(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<glyph>[½¼¾⅓⅔⅛])"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)"
    r"|(?P<symbol>\S)"
)
MAX_DIGITS = 40
_ALIASES = {
    "fourty": "forty", "ninty": "ninety", "fivteen": "fifteen", "fiveteen": "fifteen", "eigth": "eight",
    "twelf": "twelve", "forteen": "fourteen", "thirtheen": "thirteen", "nineth": "ninth", "thousend":
    "thousand", "hunderd": "hundred", "hundrd": "hundred", 
}  # fmt: skip
DIGITS = dict(zip("zero one two three four five six seven eight nine".split(), range(10), strict=True))
_TEENS = dict(
    zip(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(),
        range(10, 20),
        strict=True,
    )
)
_TENS = dict(
    zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True)
)
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
ORDINALS = {
    "half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "twelfth": 12, "sixteenth": 16, "twentieth": 20, "hundredth": 100, "thousandth": 1000,
}  # fmt: skip
_PLURALS = {"halves" if word == "half" else word + "s": part for word, part in ORDINALS.items()}
_GLYPHS = {"½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3), "⅛": (1, 8)}
ARTICLES = frozenset({"a", "an"})
_HYPHENS = frozenset("-‐‑")


@dataclass(frozen=True, slots=True)
class Token:
    """A number, word or symbol of the text; `text` is lower-case (numbers without commas)."""

    text: str
    kind: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Cut `text` into tokens. A number of more than 40 digits becomes a symbol: nothing reads it."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "symbol"
        word = match.group().lower().replace("’", "'")
        if kind == "number":
            word = word.replace(",", "")
            kind = kind if len(word) <= MAX_DIGITS else "symbol"
        found.append(Token(_ALIASES.get(word, word), kind, match.start(), match.end()))
    return found


def word_at(row: Sequence[Token], at: int) -> str:
    """Return the text of token `at`, or "" past the end."""
    return row[at].text if 0 <= at < len(row) else ""


def read_number(row: Sequence[Token], at: int, *, slash: bool = True) -> tuple[Fraction, int] | None:
    """Read the longest unsigned number from token `at`; return its value and the token after it.

    `slash` reads "1/2" and "1 1/2" as fractions (off where the slash divides). A bare article is not a
    number.
    """
    read = (
        _couple(row, at)
        or _half(row, at)
        or read_fraction(row, at)
        or (_slash(row, at) if slash else None)
        or _cardinal(row, at)
    )
    if read is None and word_at(row, at) == "dozen":
        return Fraction(12), at + 1
    return read


def read_fraction(row: Sequence[Token], at: int) -> tuple[Fraction, int] | None:
    """Read "a third", "three quarters", "½" from token `at`."""
    if at < len(row) and row[at].kind == "glyph":
        return Fraction(*_GLYPHS[row[at].text]), at + 1
    first = word_at(row, at)
    if (first in ARTICLES or first == "one") and word_at(row, at + 1) in ORDINALS:
        return Fraction(1, ORDINALS[word_at(row, at + 1)]), at + 2
    if first == "quarter":
        return Fraction(1, 4), at + 1
    count = _below_hundred(row, at) or _digits(row, at)
    if count and _joined(row, count[1]) in _PLURALS:
        after = count[1] + (word_at(row, count[1]) in _HYPHENS)
        return count[0] / _PLURALS[word_at(row, after)], after + 1
    return None


def _joined(row: Sequence[Token], at: int) -> str:
    """Return the word at `at`, or the one after a hyphen there ("two-thirds")."""
    return word_at(row, at + 1) if word_at(row, at) in _HYPHENS else word_at(row, at)


def _couple(row: Sequence[Token], at: int) -> tuple[Fraction, int] | None:
    start = at + (word_at(row, at) in ARTICLES)
    if word_at(row, start) == "couple" or (word_at(row, start) == "pair" and word_at(row, start + 1) == "of"):
        return Fraction(2), start + 1 + (word_at(row, start + 1) == "of")
    return None


def _half(row: Sequence[Token], at: int) -> tuple[Fraction, int] | None:
    if word_at(row, at) != "half":
        return None
    after = at + 1
    if word_at(row, after) in ARTICLES:
        after += 1
        many = {**SCALES, "dozen": 12, "hundred": 100}.get(word_at(row, after))
        if many:
            return Fraction(many, 2), after + 1
    return Fraction(1, 2), after


def _slash(row: Sequence[Token], at: int) -> tuple[Fraction, int] | None:
    whole = Fraction(0)
    if at + 1 < len(row) and row[at].kind == "number" and "." not in row[at].text:
        if row[at + 1].kind == "glyph":
            return Fraction(row[at].text) + Fraction(*_GLYPHS[row[at + 1].text]), at + 2
        if row[at + 1].kind == "number" and word_at(row, at + 2) == "/":
            whole, at = Fraction(row[at].text), at + 1
    parts = row[at : at + 3]
    if len(parts) < 3 or parts[1].text != "/" or parts[0].kind != "number" or parts[2].kind != "number":
        return None
    if parts[0].end != parts[1].start or parts[1].end != parts[2].start or Fraction(parts[2].text) == 0:
        return None
    value = Fraction(parts[0].text) / Fraction(parts[2].text)
    return (whole + value, at + 3) if not whole or value < 1 else None


def _cardinal(row: Sequence[Token], at: int) -> tuple[Fraction, int] | None:
    total, last, done = Fraction(0), 0, at
    while True:
        start = done
        if last:
            start += word_at(row, start) in {"and", ","} and word_at(row, start + 1) not in ARTICLES
        group = _group(row, start)
        if group is None or (last and group[0] >= last):
            break
        value, after = group
        scale = SCALES.get(word_at(row, after), 1)
        if last and (scale >= last or (word_at(row, done) == "," and value * scale < 100)):
            break
        total, done = total + value * scale, after + (scale > 1)
        last = scale
        if scale == 1:
            break
    if done == at:
        return None
    if word_at(row, done) == "dozen":
        return total * 12, done + 1
    return _and_fraction(row, done, total, max(last, 1))


def _and_fraction(row: Sequence[Token], at: int, total: Fraction, scale: int) -> tuple[Fraction, int]:
    """Add "and a half" to what was read ("a million and a half" is 1.5 million)."""
    if word_at(row, at) == "and":
        part = read_fraction(row, at + 1)
        if part is None and word_at(row, at + 1) == "half":
            part = Fraction(1, 2), at + 2
        if part and part[0] < 1:
            return total + part[0] * scale, part[1]
    return total, at


def _group(row: Sequence[Token], at: int) -> tuple[Fraction, int] | None:
    """Read what may stand before a scale: words below a thousand, digits, "a" before hundred or thousand."""
    if word_at(row, at) in ARTICLES and (
        word_at(row, at + 1) in SCALES or word_at(row, at + 1) in {"hundred", "dozen"}
    ):
        first: tuple[Fraction, int] | None = (Fraction(1), at + 1)
    else:
        first = _digits(row, at) or _below_hundred(row, at)
    if first is not None and word_at(row, first[1]) == "hundred":
        value, after = first[0] * 100, first[1] + 1
        rest = _below_hundred(row, after + (word_at(row, after) == "and"))
        small = rest is not None and _joined(row, rest[1]) not in _PLURALS
        return (value + rest[0], rest[1]) if rest and small else (value, after)
    if first is None and word_at(row, at) == "point":
        first = Fraction(0), at
    return _decimals(row, *first) if first else None


def _decimals(row: Sequence[Token], value: Fraction, at: int) -> tuple[Fraction, int] | None:
    if word_at(row, at) != "point" or value.denominator != 1:
        return value, at
    digits, after = "", at + 1
    while len(digits) < MAX_DIGITS:
        word = word_at(row, after)
        if word in DIGITS or word in {"oh", "o"}:
            digits += str(DIGITS.get(word, 0))
        elif word.isascii() and word.isdigit():
            digits += word
        elif not digits and (two := _below_hundred(row, after)):
            digits, after = str(two[0]), two[1]
            break
        else:
            break
        after += 1
    if not digits:
        return (value, at) if value or (at and word_at(row, at - 1) in DIGITS) else None
    return value + Fraction(int(digits), 10 ** len(digits)), after


def _digits(row: Sequence[Token], at: int) -> tuple[Fraction, int] | None:
    if at < len(row) and row[at].kind == "number":
        return Fraction(row[at].text), at + 1
    return None


def _below_hundred(row: Sequence[Token], at: int) -> tuple[Fraction, int] | None:
    word = word_at(row, at)
    if word in DIGITS or word in _TEENS:
        return Fraction(DIGITS.get(word, _TEENS.get(word, 0))), at + 1
    if word not in _TENS:
        return None
    after = at + 1
    if word_at(row, after) in _HYPHENS and row[after].start == row[at].end:
        after += 1
    unit = DIGITS.get(word_at(row, after), 0)
    return (Fraction(_TENS[word] + unit), after + 1) if unit else (Fraction(_TENS[word]), at + 1)
