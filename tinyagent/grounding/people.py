"""Who is meant: the words for a person become the full name of a contact, and places and texts are tidied.

The steps go from sure to daring (equal, first name, any part, one letter wrong) and the first that finds
anybody decides. Where nobody is found the words stay as they were said: a guest may be in no address book.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from tinyagent.calls import Question
from tinyagent.grounding.base import Unresolved, World

NICKNAME = "\t"
"""In `World.people` a nickname is an entry of its own, "Nick<tab>Full Name"; all others are full names."""

_BEFORE = frozenset("a an both dear hi my our please the to with".split())
_TITLES = frozenset(
    "aunt auntie cousin doctor dr friend miss mr mrs ms mx prof professor sir uncle boss colleague".split()
)
_SOUNDS = frozenset("ck kc sz zs iy yi jg gj cs sc fp pf vw wv jy yj".split())
_BETWEEN = re.compile(r"\s*(?:,|;|&|\+|\band\b|\bas well as\b|\bplus\b)\s*", re.IGNORECASE)


def resolve_person(words: str, world: World) -> str:
    """Return the full name of the contact that `words` name, or the words themselves where nobody matches.

    Raises `Unresolved` with the full names as options when several people match equally well.
    """
    found = match_people(words, world.people)
    if len(found) > 1:
        said = resolve_text(words)
        raise Unresolved(
            Question(f"Which {_bare(said) or said}: {_either(found)}?", parameter="", options=tuple(found))
        )
    return found[0] if found else (_bare(resolve_text(words)) or resolve_text(words))


def resolve_persons(words: str, world: World) -> list[str]:
    """Return the people that `words` list ("Ana, Sid and my boss"), each once, in the order said.

    Raises `Unresolved` as `resolve_person` does.
    """
    whole = match_people(words, world.people)
    if len(whole) == 1 and _fold(_full(words, world)) == _fold(words):
        return whole  # a contact called "Marks and Spencer" is one
    people: list[str] = []
    for part in _BETWEEN.split(words):
        for one in _unlisted(part, world):
            name = resolve_person(one, world)
            if name and name not in people:
                people.append(name)
    return people


def split_people(words: str) -> list[str]:
    """Return the parts of a list of people ("him, Ana and Bob")."""
    return [part for part in _BETWEEN.split(words) if part.strip()]


def match_people(words: str, people: Iterable[str]) -> list[str]:
    """Return the full names that fit `words` best, several where they fit equally, none where nobody does.

    `people` is as in `World.people`: full names, and nicknames as "Nick<tab>Full Name".
    """
    known = [(_fold(entry.split(NICKNAME)[0]).split(), entry.split(NICKNAME)[-1]) for entry in people]
    asked = _fold(words).split()
    for tokens in _readings(asked):
        for fits in (_equal, _first, _part, _nearly, _run_together):
            found = dict.fromkeys(full for name, full in known if name and fits(tokens, name))
            if found:
                return list(found)
    return []


def resolve_text(words: str) -> str:
    """Return words without quotation marks around them, outer punctuation and doubled spaces."""
    text = " ".join(words.split()).rstrip(",;:")
    for left, right in (('"', '"'), ("“", "”"), ("‘", "’"), ("'", "'"), ("«", "»")):
        if len(text) > 1 and text.startswith(left) and text.endswith(right):
            text = text[1:-1].strip()
    return text[:-1] if text.endswith(".") and not text.endswith("..") and text.count(".") == 1 else text


def resolve_place(words: str) -> str:
    """Return a place without the preposition before it ("at the office" is "the office")."""
    text = resolve_text(words)
    return re.sub(r"^(?:at|in|near|from|to)\s+(?=\S)", "", text, flags=re.IGNORECASE)


def _readings(asked: list[str]) -> Iterable[list[str]]:
    """Yield the words as they are, then without "my", then without "uncle": a contact may be called any."""
    bare = [token for token in asked if token not in _BEFORE]
    untitled = [token for token in bare if token not in _TITLES]
    seen: list[list[str]] = []
    for tokens in (asked, bare, untitled):
        if tokens and tokens not in seen:
            seen.append(tokens)
            yield tokens


def _equal(asked: Sequence[str], name: Sequence[str]) -> bool:
    return list(asked) == list(name)


def _first(asked: Sequence[str], name: Sequence[str]) -> bool:
    return list(asked) == list(name[: len(asked)])


def _part(asked: Sequence[str], name: Sequence[str]) -> bool:
    """Whether every word is one of the name's, in any order; "Ana L" fits Ana Lima."""
    if set(asked) <= set(name):
        return True
    initial = len(asked) > 1 and len(asked[-1]) == 1
    return initial and set(asked[:-1]) <= set(name) and any(part.startswith(asked[-1]) for part in name[1:])


def _nearly(asked: Sequence[str], name: Sequence[str]) -> bool:
    """Whether every word is one of the name's but for one letter, and not all of them are."""
    return all(any(_misspelt(word, part) for part in name) for word in asked)


def _run_together(asked: Sequence[str], name: Sequence[str]) -> bool:
    from rapidfuzz import fuzz

    return len(name) > 1 and fuzz.ratio("".join(asked), "".join(name)) >= 90


def _misspelt(word: str, part: str) -> bool:
    if word == part:
        return True
    from rapidfuzz.distance import OSA

    short = min(len(word), len(part))
    most = 2 if short >= 8 else 1
    if short < 3 or OSA.distance(word, part, score_cutoff=most) > most:
        return False
    if short == 3:
        # With one letter wrong it is another name (Tom, Mom), with one more inside the same (Jon, John).
        return len(word) != len(part) and word[0] == part[0] and word[-1] == part[-1]
    swapped = word[:2] == part[1::-1]
    same_start = word[0] == part[0] or word[0] + part[0] in _SOUNDS or swapped
    return same_start and _same_ending(word, part)


def _same_ending(word: str, part: str) -> bool:
    """Whether the last letters make no two names of it, as in Mark and Mary, Paul and Paula."""
    if len(word) == len(part):
        return word[-1] == part[-1] or word[-1] + part[-1] in _SOUNDS or word[-2:] == part[:-3:-1]
    return not {word, part} & {part + "a", part + "o", word + "a", word + "o"}


def _unlisted(part: str, world: World) -> list[str]:
    """Split "ana bob carol", as speech recognition writes a list, where every piece is somebody."""
    if match_people(part, world.people) or "@" in part:
        return [part]
    words, people = part.split(), []
    while words:
        for length in range(len(words), 0, -1):
            if match_people(" ".join(words[:length]), world.people):
                people.append(" ".join(words[:length]))
                words = words[length:]
                break
        else:
            return [part] if part.strip() else []
    return people


def _full(words: str, world: World) -> str:
    found = match_people(words, world.people)
    return found[0] if found else words


def _bare(words: str) -> str:
    """Drop "my", "the", "to" before a name."""
    tokens = words.split()
    while tokens and tokens[0].lower() in _BEFORE:
        tokens = tokens[1:]
    return " ".join(tokens)


def _fold(text: str) -> str:
    """Return `text` in lower case, without accents, possessive and punctuation."""
    plain = unicodedata.normalize("NFKD", re.sub(r"['’]s\b", "", text)).casefold()
    letters = "".join(c for c in plain if not unicodedata.combining(c)).replace("'", "").replace("’", "")
    return " ".join(re.findall(r"\w+", letters))


def _either(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
