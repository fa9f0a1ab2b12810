"""Cuts what is to be spoken into pieces: the first is short, so that it is heard before the rest is made."""

from __future__ import annotations

import re
from collections.abc import Iterator

FIRST, MOST = 60, 160
"""Characters of the first piece and of any other: memory grows with the longest, Piper's 1 MB a character."""

_SENTENCE = re.compile(r"(?<=[.!?…:;])[\"”')\]]*\s+|\n+")
_CLAUSE = re.compile(r"(?<=[,–—)])\s+")
_ABBREVIATION = re.compile(r"(?:\b[A-Za-z]|\b(?:Dr|Mr|Mrs|Ms|Prof|St|No|vs|etc))\.$")


def split(text: str) -> list[str]:
    """Return a text in pieces that are spoken one after the other; together they have all its words in order.

    The first is a sentence of at most `FIRST` characters, or as much of it as there is before a pause; from the third
    on sentences go together up to `MOST`. A word is cut where it alone is longer.
    """
    pieces: list[str] = []
    for sentence in _sentences(text):
        for part in _fitting(sentence, FIRST if not pieces else MOST):
            if len(pieces) > 2 and len(pieces[-1]) + len(part) < MOST:
                pieces[-1] += f" {part}"
            else:
                pieces.append(part)
    return pieces


def _sentences(text: str) -> list[str]:
    found: list[str] = []
    for part in _SENTENCE.split(text):
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] += f" {part}"
        elif re.search(r"\w", part):
            found.append(part.strip())
    return found


def _fitting(sentence: str, most: int) -> Iterator[str]:
    """Yield a sentence in parts, cut at pauses where it can be: the first has at most `most` characters."""
    while len(sentence) > most:
        pauses = [match.end() for match in _CLAUSE.finditer(sentence, 0, most)]
        spaces = [match.end() for match in re.finditer(r"\s", sentence[:most])]
        end = (pauses or spaces or [most])[-1]
        yield sentence[:end].strip()
        sentence, most = sentence[end:].strip(), MOST
    yield sentence
