"""Enums and bools: which words of the command say one of the values.

Phrases match on word boundaries, the longest first, without regard to case; a word of five letters or more
may have one slip in it. Several values that fit equally well give None, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rapidfuzz.distance import OSA

from tinyagent.grounding.base import Proposal

Choices = Mapping[str, tuple[str, ...]]
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_MAX_WORDS = 20_000
_TYPO_LETTERS = 5


def _spellings(choices: Choices) -> dict[tuple[str, ...], set[str]]:
    """Return the words of each phrase with the values that it says; a value's own name is one of them."""
    phrases: dict[tuple[str, ...], set[str]] = {}
    for value, said in choices.items():
        own = () if value in {"true", "false"} else (value.replace("_", " "),)
        for phrase in (*said, *own):
            words = tuple(_words(phrase))
            if words:
                phrases.setdefault(words, set()).add(value)
    return phrases


def _words(text: str) -> list[str]:
    return [match.group().lower().replace("’", "'") for match in _WORD.finditer(text)]


def _same(said: str, wanted: str) -> bool:
    if said == wanted:
        return True
    if len(wanted) < _TYPO_LETTERS or abs(len(said) - len(wanted)) > 1 or said[:1] != wanted[:1]:
        return False
    return OSA.distance(said, wanted, score_cutoff=1) <= 1


def _matches(words: list[str], choices: Choices) -> list[tuple[int, int, str]]:
    """Return (first word, word after, value) of every phrase said, the longest at each place."""
    phrases = [(p, next(iter(v))) for p, v in _spellings(choices).items() if len(v) == 1]
    phrases.sort(key=lambda item: -len(item[0]))
    found: list[tuple[int, int, str]] = []
    at = 0
    while at < len(words):
        hit = _hit(words, at, phrases, exact=True) or _hit(words, at, phrases, exact=False)
        if hit:
            found.append((at, at + hit[0], hit[1]))
        at += hit[0] if hit else 1
    return found


def _hit(
    words: list[str], at: int, phrases: list[tuple[tuple[str, ...], str]], *, exact: bool
) -> tuple[int, str] | None:
    """Return the length and value of the longest phrase said at word `at`."""
    for phrase, value in phrases:
        said = words[at : at + len(phrase)]
        if len(said) == len(phrase) and all(
            one == other or (not exact and _same(one, other)) for one, other in zip(said, phrase, strict=True)
        ):
            return len(phrase), value
    return None


def find_choices(text: str, choices: Choices) -> list[Proposal]:
    """Return the runs of words that say one of the values, in text order."""
    places = [match.span() for match in _WORD.finditer(text)][:_MAX_WORDS]
    words = [text[a:b].lower().replace("’", "'") for a, b in places]
    found = []
    for first, after, _ in _matches(words, choices):
        start, end = places[first][0], places[after - 1][1]
        found.append(Proposal(" ".join(text[start:end].split()), ((start, end),)))
    return found


def resolve_choice(words: str, choices: Choices) -> str | None:
    """Return the value that all the words say, else the longest phrase among them; None if none."""
    said = _words(words)[:200]
    exact = _spellings(choices).get(tuple(said))
    if exact and len(exact) == 1:
        return next(iter(exact))
    found = _matches(said, choices)
    longest = max((after - first for first, after, _ in found), default=0)
    values = {value for first, after, value in found if after - first == longest}
    return values.pop() if len(values) == 1 else None
