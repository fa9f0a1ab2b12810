"""Finding the thing that a person's words name ("the dentist", "budget meeting") among titles, fuzzily."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
GOOD = 72.0
"""Least score of a match, of 100; below it the words name something else."""
EQUAL = 4.0
"""Scores closer than this are equally good: the person chooses."""

_GLUE = frozenset(
    "a about all an and any at both by clock do every everything for from have i in is it me my next o of on one ones "
    "our s that the there these this those to upcoming with".split()
)
_KINDS = frozenset(
    "appointment appointments calendar entries entry event events item items meeting meetings reminder "
    "reminders task tasks thing things todo todos".split()
)


@dataclass(frozen=True, slots=True)
class Query:
    """What a person asked for.

    `words` carry meaning; `kinds` only say what sort of thing ("meeting"). `several` says that everything
    which fits is meant ("all", or a plural), `next` that the earliest is.
    """

    text: str
    words: tuple[str, ...]
    kinds: tuple[str, ...]
    several: bool
    next: bool = False

    @property
    def is_general(self) -> bool:
        """Whether the words name no particular thing ("my meetings", "everything")."""
        return not self.words


def query(text: str) -> Query:
    """Return the query for a person's words."""
    tokens = fold(text).split()
    words = tuple(token for token in tokens if token not in _GLUE | _KINDS)
    kinds = tuple(token for token in tokens if token in _KINDS)
    several = any(token in ("all", "both", "every", "everything") for token in tokens)
    several = several or any(kind.endswith("s") for kind in kinds)
    return Query(" ".join(tokens), words, kinds, several, "next" in tokens)


def fold(text: str) -> str:
    """Return `text` in lower case, without accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.replace("'s ", " ").replace("’s ", " ")).casefold()
    return " ".join(re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c))))


def score(asked: Query, title: str, more: Sequence[str] = ()) -> float:
    """Return how well a thing fits, 0 to 100. What only `more` texts have counts a little less."""
    wanted = asked.words or asked.kinds
    name = fold(title)
    # One pool, since "the dentist at three" takes one word from the title and one from the time.
    pool = name.split() + fold(" ".join(text[:2000] for text in more)).split()
    return max(_title_score(asked.text, wanted, name), 0.9 * _coverage(wanted, list(dict.fromkeys(pool))))


def best_of(asked: Query, things: Sequence[T], texts: Callable[[T], Sequence[str]]) -> list[T]:
    """Return the things that fit best and equally well, in their order; `texts` gives title, then more."""
    scored = [(score(asked, texts(thing)[0], texts(thing)[1:]), thing) for thing in things]
    top = max((points for points, _ in scored), default=0.0)
    return [thing for points, thing in scored if points >= GOOD and points > top - EQUAL]


def fitting(asked: Query, things: Sequence[T], texts: Callable[[T], Sequence[str]]) -> list[T]:
    """Return every thing that fits at all, in their order; all where nothing particular is named."""
    if asked.is_general:
        return list(things)
    return [thing for thing in things if score(asked, texts(thing)[0], texts(thing)[1:]) >= GOOD]


def meant(asked: Query, things: Sequence[T], texts: Callable[[T], Sequence[str]]) -> list[T]:
    """Return the things that an order ("delete the dentist") means: none, one, or several to ask about.

    Where the words name nothing particular ("my meetings") the things so called are meant, else all at hand.
    """
    found = best_of(asked, things, texts)
    if asked.is_general and not found:
        found = list(things)
    return found[:1] if asked.next and not asked.several else found


def _title_score(text: str, wanted: Sequence[str], title: str) -> float:
    tokens = title.split()
    own = [token for token in tokens if token not in _GLUE and token not in _KINDS] or tokens
    covered = _coverage(wanted, tokens)
    if covered >= 40:  # part of what is said may not be in the title: "the budget review with everybody"
        covered = max(covered, 0.92 * _coverage(own, wanted))
    if covered < GOOD:
        return 0.9 * covered
    # Words like "meeting" and the very title decide between equals; a longer title alone is no worse.
    return (
        0.85 * covered + 0.1 * _coverage(text.split(), tokens) + (5 if list(wanted) in (own, tokens) else 0)
    )


def _coverage(wanted: Sequence[str], there: Sequence[str]) -> float:
    """Return how much of `wanted` occurs in `there`, by length, 0 to 100."""
    total = sum(map(len, wanted))
    if not total or not there:
        return 0.0
    return sum(len(word) * max(_alike(word, other) for other in there) for word in wanted) / total


def _alike(word: str, other: str) -> float:
    if word == other:
        return 100.0
    if any(map(str.isdigit, word)):
        return 0.0  # room 18 is not room 180
    if min(len(word), len(other)) >= 3 and (other.startswith(word) or word.startswith(other)):
        return 92.0  # plural, "appt", a compound
    from rapidfuzz import fuzz

    ratio = fuzz.ratio(word, other)
    return ratio if ratio >= 75 and len(word) > 3 else 0.0
