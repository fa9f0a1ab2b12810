"""Names of files, folders and notes as people say them: "contract dot pdf", "the q three report", "img 2041".

`Names` prepares a list of names once; `match` goes from sure to daring (the same name, the same without its
ending, all words, all words with those of its folder, nearly so) and the first step that finds anything decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property

LEVELS = 5
_GLUE = frozenset("a an the my our your this that these those called named titled".split())
_DIGITS = {
    word: str(n) for n, word in enumerate("zero one two three four five six seven eight nine ten".split())
}
_SPOKEN = ((r"\s+dot\s+", "."), (r"\s+underscore\s+", "_"), (r"\s+(?:dash|hyphen)\s+", "-"))
_CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=\d)(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_EDGE = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
_TOKEN = re.compile(r"[^\W_]+")
_NEAR = 86.0
_SIGNS = " \"'“”‘’«»,;:!?"


def said(words: str) -> str:
    """Return the words of a name without quotation marks, outer punctuation and spoken signs ("dot pdf")."""
    text = " ".join(words.split()).lstrip(_SIGNS).rstrip(_SIGNS + ".")
    for spoken, written in _SPOKEN:
        text = re.sub(spoken, written, text, flags=re.IGNORECASE)
    return text


def plain(text: str) -> str:
    """Return `text` without accents and possessives, case kept."""
    if text.isascii() and "'" not in text:
        return text
    kept = unicodedata.normalize("NFKD", re.sub(r"['’]s\b|['’]", "", text))
    return "".join(c for c in kept if not unicodedata.combining(c))


def tokens(text: str) -> list[str]:
    """Return the words of a text as they are compared: lower case, no plural, "three" as "3"."""
    return [_token(word) for word in _TOKEN.findall(plain(text).casefold())]


def asked(text: str) -> list[str]:
    """Return the tokens of what a person said that carry meaning; all of them where none would be left."""
    found = tokens(text)
    return [token for token in found if token not in _GLUE] or found


def joined(text: str) -> str:
    """Return what different spellings of one name share: letters and digits only."""
    return "".join(tokens(text))


def shown(name: str, most: int = 120) -> str:
    """Return a name that is safe to print on one line: what does not print is a "?", the middle is cut."""
    line = "".join(c if c.isprintable() else "?" for c in " ".join(name.split()))
    return line if len(line) <= most else f"{line[: most - 40]}…{line[-39:]}"


class Names:
    """Names made ready to be compared, each with the words of where it lies."""

    def __init__(self, names: Sequence[str], places: Sequence[str] | None = None) -> None:
        self.names = names
        self.places = places if places is not None else [""] * len(names)

    @cached_property
    def _keys(self) -> list[str]:
        return [joined(name) for name in self.names]

    @cached_property
    def _stems(self) -> list[str]:
        return [joined(_stem(name)) for name in self.names]

    @cached_property
    def _words(self) -> list[frozenset[str]]:
        return [word_forms(name) for name in self.names]

    @cached_property
    def _vocabulary(self) -> list[str]:
        return sorted(set().union(*self._words))

    def match(
        self, wanted: Sequence[str], level: int, among: Iterable[int] | None = None, *, by_place: bool = False
    ) -> list[int]:
        """Return which names the tokens fit at one level (0 the surest); `among` are the names that may fit.

        With `by_place` the folder alone may have all the words ("the Paris photos"), else one is the name's own.
        """
        every = range(len(self.names)) if among is None else among
        key = "".join(wanted)
        if not key:
            return []
        if level == 0:
            return [n for n in every if self._keys[n] == key]
        if level == 1:
            return [n for n in every if self._stems[n] == key]
        if level == 2:
            return [n for n in every if self._words[n].issuperset(wanted)]
        if level == 3:
            some = [n for n in every if by_place or any(token in self._words[n] for token in wanted)]
            return [n for n in some if (self._words[n] | word_forms(self.places[n])).issuperset(wanted)]
        return self._nearly(wanted, key, every)

    def _nearly(self, wanted: Sequence[str], key: str, every: Iterable[int]) -> list[int]:
        from rapidfuzz import fuzz, process

        among = list(every)
        meanings = [self._like(token) for token in wanted]
        found = [n for n in among if all(self._words[n] & meaning for meaning in meanings)]
        if found or len(key) < 5:
            return found
        stems = {n: self._stems[n] for n in among if _digits(self._stems[n]) == _digits(key)}
        near = process.extract(key, stems, scorer=fuzz.ratio, score_cutoff=_NEAR, limit=8)
        return sorted(n for _, points, n in near if points == near[0][1])

    def _like(self, token: str) -> set[str]:
        """Return the words of the names that the token may be: itself, or one slip away; digits never slip."""
        if len(token) < 4 or any(map(str.isdigit, token)):
            return {token}
        from rapidfuzz.distance import OSA

        most = 2 if len(token) >= 8 else 1
        same_start = [w for w in self._vocabulary if w[0] == token[0] or w[:2] == token[1::-1]]
        near = {w for w in same_start if OSA.distance(token, w, score_cutoff=most) <= most}
        starts = {w for w in self._vocabulary if w.startswith(token)}
        return {token} | starts | {w for w in near if len(w) >= 4 and not any(map(str.isdigit, w))}


def _token(word: str) -> str:
    word = _DIGITS.get(word, word)
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def word_forms(name: str) -> frozenset[str]:
    """Return every word that a name may be said to have: "Q3Report" has q3report, q3, q, 3 and report."""
    bare = plain(name)
    parts = _CAMEL.sub(" ", bare)
    return frozenset(tokens(f"{bare} {parts} {_EDGE.sub(' ', parts)}"))


def _stem(name: str) -> str:
    stem, dot, last = name.rpartition(".")
    return stem if dot and stem and len(last) <= 5 and " " not in last else name


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
