"""Puts back the names that speech recognition gets wrong: "call sit" → "call Sid", "Esther's email" → "Eszter's email".

Only names that the person has come into a text, and only for words that sound like them. How alike they must sound
depends on what the heard words are and where they stand:

- a word that is no ordinary English one ("Esther", "katarzina") may be a name anywhere, more easily after "to", "with",
  "and" or before "'s", most easily after "call", "text", "email" …;
- an ordinary word ("sit", "been") is taken for a name only after "call", "text" …, and only if it sounds the same;
- pronouns, articles and the like ("call *it* off", "text *an* address") never are, nor is a name that is right already.

Where two names sound equally like it, the text stays: the assistant asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tinyagent.voice.known_names import LONGEST, POSSESSIVE, WORD, KnownNames, known_names
from tinyagent.voice.phonetics import key
from tinyagent.voice.plain_words import NEVER, ordinary, written
from tinyagent.voice.protocols import Samples, Transcriber, Transcript

SAME = 0.95
"""How alike an ordinary word and a name must sound."""
NEAR, NEARER, NEAREST = 0.8, 0.88, 0.93
"""How alike another word and a name must sound: where names stand, where they may stand, anywhere else."""
SHORT = 0.9
"""The same for names of three sounds or less ("Sue", "Ben"): with one sound changed they are other names."""
TIE = 0.03
_BETWEEN = re.compile(r"\s*\.?\s*")

_WRITE = r"call|phone|ring|dial|text|message|e-?mail|mail|ping|tell|ask|invite|facetime|let"
_STRONG = re.compile(rf"(?:\b(?:{_WRITE})|\b(?:reply|write|respond|text|speak|talk)\s+to)\s+$", re.IGNORECASE)
_THING = r"e-?mails?|mails?|numbers?|phone|address|messages?|birthday|texts?"
_STRONG_AFTER = re.compile(rf"['’]s\s+(?:last\s+|new\s+)?(?:{_THING})\b", re.IGNORECASE)
_WEAK = re.compile(
    r"\b(?:to|for|from|with|and|or|meet|meeting|seeing|cc|open|close|quit|launch|start)\s+$|,\s*$", re.I
)
_WEAK_AFTER = re.compile(r"['’]s\b|\s+(?:lists?|lights?|lamps?|app|notes?)\b", re.IGNORECASE)


def repaired(text: str, names: Sequence[str]) -> str:
    """Return the text with the names that sound like what was heard; case, marks and all other words stay.

    `names` are as `hotwords.names` gives them; the first word and the last of a name of several ("Jonas" of "Jonas
    Weber") count as names too, unless they are ordinary words.
    """
    known = known_names(tuple(names))
    words = list(WORD.finditer(text))
    taken = _right_already(text, words, known)
    found: list[_Repair] = []
    for first in range(len(words)):
        for last in range(first, min(first + LONGEST, len(words))):
            repair = _repair(text, words[first : last + 1], known)
            if repair is not None and taken.isdisjoint(range(first, last + 1)):
                found.append(repair)
    for repair in _best(found):
        text = text[: repair.start] + repair.name + text[repair.end :]
    return text


class Repairing:
    """A `Transcriber` that knows the person's names: it gives them to the engine, and puts them right in its text."""

    def __init__(self, transcriber: Transcriber, names: Callable[[], Sequence[str]]) -> None:
        """Take the engine, and what returns the names there are now; it is asked for each utterance."""
        self._transcriber, self._names = transcriber, names

    def transcribe(self, samples: Samples, hotwords: Sequence[str] = ()) -> Transcript:
        """Return the words of one utterance, int16 [n] at 16 kHz, and as `heard` what the engine wrote."""
        names = self._names()
        heard = self._transcriber.transcribe(samples, hotwords or names)
        return replace(heard, text=repaired(heard.text, names)) if heard.text else heard


@dataclass(frozen=True, slots=True)
class _Repair:
    start: int
    end: int
    name: str
    score: float


def _right_already(text: str, words: Sequence[re.Match[str]], known: KnownNames) -> set[int]:
    """Return the places of the words that are one of the names as they stand."""
    found: set[int] = set()
    for first in range(len(words)):
        for last in range(first, min(first + 4, len(words))):
            said = " ".join(text[words[first].start() : words[last].end()].split()).casefold()
            if said in known.names or POSSESSIVE.sub("", said) in known.names:
                found.update(range(first, last + 1))
    return found


def _repair(text: str, words: Sequence[re.Match[str]], known: KnownNames) -> _Repair | None:
    """Return what these words may be instead, if they are one run and sound like one of the names."""
    start, end = words[0].start(), words[-1].end()
    for one, other in pairwise(words):
        if not _BETWEEN.fullmatch(text, one.end(), other.start()):
            return None
    own = POSSESSIVE.search(text[start:end])
    end -= len(own[0]) if own else 0
    said = text[start:end]
    if any(word.casefold() in NEVER for word in said.split()):
        return None
    least = _least(text, start, end, said)
    if least is None:
        return None
    scored = sorted(((score, name) for name, score in known.near(said)), reverse=True)
    if not scored or scored[0][0] < least:
        return None
    score, name = scored[0]
    if score < SHORT and len(key(name)) <= 3:
        return None
    if least == NEAREST and all(ordinary(word) for word in name.split()):
        return None  # a contact called Dawn, a list called "to do": most words that sound so mean themselves
    if len(scored) > 1 and score - scored[1][0] < TIE and scored[1][1].split()[0] != name.split()[0]:
        return None
    return _Repair(start, end, name, score)


def _least(text: str, start: int, end: int, said: str) -> float | None:
    """Return how alike a name must sound to stand in this place; None where none may."""
    before, after = text[:start], text[end:]
    strong = bool(_STRONG.search(before) or _STRONG_AFTER.match(after))
    if all(ordinary(word) for word in said.split()) and not _proper(before, said):
        return SAME if strong else None
    if strong:
        return NEAR
    if written(said) and not _WEAK.search(before):
        return None
    return NEARER if _WEAK.search(before) or _WEAK_AFTER.match(after) else NEAREST


def _proper(before: str, said: str) -> bool:
    """Whether the recogniser took the words for a name: capitals inside a sentence."""
    inside = bool(before.strip()) and before.rstrip()[-1] not in ".?!"
    return inside and all(word[0].isupper() and not word.isupper() for word in said.split())


def _best(found: Sequence[_Repair]) -> list[_Repair]:
    """Return the surest repairs that do not overlap, the last in the text first."""
    kept: list[_Repair] = []
    for repair in sorted(found, key=lambda r: (-r.score, r.start - r.end)):
        if all(repair.end <= other.start or other.end <= repair.start for other in kept):
            kept.append(repair)
    return sorted(kept, key=lambda r: -r.start)
