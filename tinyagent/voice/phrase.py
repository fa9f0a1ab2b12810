"""Takes the wake word off the beginning of what was heard: it is said in one breath with the command."""

from __future__ import annotations

import re

ALIKE = 75.0
"""Likeness, of 100, from which the first words are taken for the phrase: it is misheard as other words are."""


def without_phrase(text: str, phrase: str) -> str:
    """Return `text` without the phrase, or its last word, at its beginning; capitalised as it was."""
    from rapidfuzz.fuzz import ratio

    words = list(re.finditer(r"[\w']+", text))
    said = [match[0].casefold() for match in words]
    wanted = phrase.casefold().split()
    whole = " ".join(wanted)
    best, cut = ALIKE, 0
    for count in range(1, min(len(said), len(wanted) + 1) + 1):
        likeness = max(
            ratio(" ".join(said[:count]), whole),
            ratio(" ".join(said[:count]), wanted[-1]) if wanted else 0.0,
        )
        if likeness >= best:
            best, cut = likeness, count
    if not cut:
        return text
    rest = text[words[cut - 1].end() :].lstrip(" ,.;:!?-–—…")
    return rest[:1].upper() + rest[1:] if text[:1].isupper() else rest
