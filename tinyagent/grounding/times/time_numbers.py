"""Reads numbers as they are said in times: cardinals, ordinals, minutes and years, in words or in digits."""

from __future__ import annotations

from tinyagent.grounding.times.calendar_words import DIGITS, ORDINAL_ENDINGS, ORDINALS, TEENS, TENS
from tinyagent.grounding.times.time_tokens import Scan

_SMALL = DIGITS | TEENS
_FRACTIONS = {"half": 0.5, "quarter": 0.25, "third": 1 / 3}
_GLYPHS = {"½": 0.5, "¼": 0.25, "¾": 0.75}
PLAIN_YEARS = range(1900, 2200)
_CENTURY_PIVOT = 50  # two-digit years below it are of this century


def below_hundred(scan: Scan, i: int) -> tuple[int, int] | None:
    """Read a number word below a hundred ("seven", "twenty five", "forty-five")."""
    word = scan.words[i]
    if word in _SMALL:
        return _SMALL[word], i + 1
    if word not in TENS:
        return None
    j = i + 1
    if scan.words[j] == "-" and scan.tokens[j].tight:
        j += 1
    unit = DIGITS.get(scan.words[j], 0)
    return (TENS[word] + unit, j + 1) if unit else (TENS[word], i + 1)


def read_integer(scan: Scan, i: int) -> tuple[int, int] | None:
    """Read a whole number below a million: digits, or words with hundreds and thousands."""
    if scan.tokens[i].number >= 0:
        return scan.tokens[i].number, i + 1
    total, j = 0, i
    article = scan.words[i] in {"a", "an"}
    group = (1, i + 1) if article else below_hundred(scan, i)
    if group is None or (article and scan.words[i + 1] not in {"hundred", "thousand", "dozen"}):
        return None
    for scale, word in ((1000, "thousand"), (100, "hundred"), (12, "dozen")):
        if group is not None and scan.words[group[1]] == word:
            total += group[0] * scale
            j = group[1] + 1
            rest = j + (scan.words[j] == "and")
            group = below_hundred(scan, rest)
    if group is not None:
        total, j = total + group[0], group[1]
    return total, j


def read_number(scan: Scan, i: int) -> tuple[float, int] | None:
    """Read a number with an optional decimal part ("3.5", "one point five", "2 and a half", "1½")."""
    if scan.words[i] in _GLYPHS:
        return _GLYPHS[scan.words[i]], i + 1
    whole = read_integer(scan, i)
    if whole is None:
        return None
    value, j = float(whole[0]), whole[1]
    if scan.words[j] in _GLYPHS:
        return value + _GLYPHS[scan.words[j]], j + 1
    tenths = scan.tokens[j + 1]
    if scan.words[j] == "." and scan.tokens[j].tight and tenths.tight and tenths.number >= 0:
        return value + tenths.number / 10 ** (tenths.end - tenths.start), j + 2
    if scan.words[j] == "point" and tenths.word in DIGITS:
        return value + DIGITS[tenths.word] / 10, j + 2
    if scan.words[j] == "and" and (part := read_fraction(scan, j + 1)):
        return value + part[0], part[1]
    return value, j


def read_fraction(scan: Scan, i: int) -> tuple[float, int] | None:
    """Read "a half", "a quarter", "three quarters", "half"."""
    if scan.words[i] in {"a", "one"} and scan.words[i + 1] in _FRACTIONS:
        return _FRACTIONS[scan.words[i + 1]], i + 2
    if scan.words[i] in {"three", "3"} and scan.words[i + 1] == "quarter":
        return 0.75, i + 2
    return (0.5, i + 1) if scan.words[i] == "half" else None


def read_ordinal(scan: Scan, i: int) -> tuple[int, int] | None:
    """Read an ordinal from 1 to 99 ("21st", "twenty first", "thirty-first", "third")."""
    word, after = scan.words[i], scan.tokens[i + 1]
    if scan.tokens[i].number >= 0:
        ending = scan.text[after.start : after.end].lower() if after.tight else ""
        return (scan.tokens[i].number, i + 2) if ending in ORDINAL_ENDINGS else None
    if word in ORDINALS:
        # "second" is also what the abbreviations of the unit become
        short = word == "second" and scan.tokens[i].end - scan.tokens[i].start < len(word)
        return None if short else (ORDINALS[word], i + 1)
    if word in TENS:
        j = i + 1 + (after.word == "-" and after.tight)
        unit = ORDINALS.get(scan.words[j], 0)
        if 0 < unit < 10:
            return TENS[word] + unit, j + 1
    return None


def read_year(scan: Scan, i: int, two_digits: bool = False) -> tuple[int, int] | None:
    """Read a year: four digits, "twenty twenty six", "two thousand and five", "of 87" with `two_digits`."""
    token = scan.tokens[i]
    if token.number >= 0:
        if token.end - token.start == 4 and token.number in PLAIN_YEARS:
            return token.number, i + 1
        if two_digits and token.end - token.start == 2:
            return full_year(token.number), i + 1
        return None
    if token.word == "'" and two_digits and scan.tokens[i + 1].number >= 0:
        return read_year(scan, i + 1, two_digits)
    if scan.words[i + 1] == "thousand" and scan.words[i] in {"two", "one"}:
        year = read_integer(scan, i)
        return year if year and year[0] in PLAIN_YEARS else None
    century = below_hundred(scan, i)
    if century is None or century[0] not in {19, 20, 21}:
        return None
    rest = below_hundred(scan, century[1])
    if rest is None or rest[0] < 10:
        return None
    return century[0] * 100 + rest[0], rest[1]


def full_year(year: int) -> int:
    """Return the year that two digits mean; longer years are themselves."""
    if year >= 100:
        return year
    return year + (2000 if year < _CENTURY_PIVOT else 1900)
