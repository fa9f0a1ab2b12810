"""Two texts compared word by word, with numbers in figures or in words being the same."""

from __future__ import annotations

import re
from typing import Any

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_VALUE = re.compile(r"\d{4}-\d\d-\d\d|PT|P\w*\d[DHMSW]$")
"""A time or a duration, whose figures are no number."""


def word_errors(said: str, heard: str) -> tuple[int, int]:
    """Return the word edits that turn one text into the other, and how many words were said (their ratio is the WER).

    Case and punctuation do not count, and numbers do not care whether they are written in figures or in words.
    """
    from rapidfuzz.distance import Levenshtein

    left, right = _words(said), _words(heard)
    return Levenshtein.distance(left, right), len(left)


def _words(text: str) -> list[str]:
    plain = str(in_figures(text.casefold().replace("’", "'").replace("-", " ")))
    for short, long in (("%", " percent "), ("a.m.", " am "), ("p.m.", " pm "), ("o'clock", " ")):
        plain = plain.replace(short, long)
    return _TOKEN.findall(plain)


def in_figures(value: Any) -> Any:
    """Return a value whose texts have their numbers in figures ("two dozen eggs" → "24 eggs"), also inside lists."""
    from tinyagent.grounding.number_words import read_number, tokens

    if isinstance(value, list | tuple):
        return [in_figures(part) for part in value]
    if isinstance(value, dict):
        return {name: in_figures(part) for name, part in value.items()}
    if not isinstance(value, str) or ("T" in value and re.match(r"\d{4}-|P", value)):
        return value
    row, written, at, end = tokens(value), "", 0, 0
    while at < len(row):
        read = read_number(row, at) if row[at].kind != "number" else None
        whole = read is not None and read[0].denominator == 1
        written += value[end : row[at].start] + (
            str(read[0]) if read and whole else value[row[at].start : row[at].end]
        )
        at = read[1] if read and whole else at + 1
        end = row[at - 1].end
    return written + value[end:]
