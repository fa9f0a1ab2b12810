"""The person's names by their sounds: which of them a run of heard words may be, and which of those is likely."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tinyagent.voice.phonetics import alike, key
from tinyagent.voice.plain_words import NEVER, ordinary

WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
POSSESSIVE = re.compile(r"['’]s?$")
LONGEST = 3
"""Words that a name may be heard as ("Svetlana" as "sweat land a")."""
_LOOSE, _LOOSER_FOR_WORDS = 0.6, 0.9


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names to look for, by the words that they are said with in lower case, and the keys of their sounds."""

    names: dict[str, str]
    said: tuple[str, ...]
    keys: tuple[str, ...]

    def near(self, words: str) -> Iterator[tuple[str, float]]:
        """Yield the names that sound somewhat like the words, and how alike they are (0 to 1)."""
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import extract

        found = extract(
            key(words), self.keys, scorer=Levenshtein.normalized_similarity, score_cutoff=0.5, limit=8
        )
        for _, _, place in found:
            yield self.names[self.said[place]], alike(words, self.said[place])

    def likely(self, text: str, most: int = 4) -> list[str]:
        """Return the names that some words of the text may well have been, the likeliest first."""
        words = list(WORD.finditer(text))
        scores: dict[str, float] = {}
        for first in range(len(words)):
            for last in range(first, min(first + LONGEST, len(words))):
                said = POSSESSIVE.sub("", text[words[first].start() : words[last].end()])
                if first == last and said.casefold() in NEVER:
                    continue
                for name, score in self.near(said):
                    if score >= (_LOOSER_FOR_WORDS if ordinary(name) else _LOOSE):
                        scores[name] = max(scores.get(name, 0.0), score)
        return sorted(scores, key=lambda name: -scores[name])[:most]


@lru_cache(maxsize=4)
def known_names(names: tuple[str, ...]) -> KnownNames:
    """Return the names and, of people with several, the first and the last ("Jonas" of "Jonas Weber")."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.casefold(), name)
    for name in names:
        for part in _parts(name):
            found.setdefault(part.casefold(), part)
    return KnownNames(found, tuple(found), tuple(key(said) for said in found))


def _parts(name: str) -> Sequence[str]:
    """Return what a person of several names is called by as well; ordinary words are no names."""
    words = name.split()
    if len(words) < 2 or not all(word[0].isupper() for word in words):
        return ()
    return [word for word in (words[0], words[-1]) if len(word) > 2 and not ordinary(word)]
