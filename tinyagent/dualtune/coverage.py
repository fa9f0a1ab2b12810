"""Whether a command says more than its calls so far: something that joins two wishes, with words behind it left over.

A cheap look that decides nothing: where it finds something, the selection adapter is asked whether the plan goes on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

_WORD = re.compile(r"[^\W_]+(?:['’.:][^\W_]+)*")
_JOINT = re.compile(r"\b(?:and|n|or|oh|before)\b|[,;&+.!?](?=\s+\S)", re.IGNORECASE)
_NEXT = re.compile(r"\b(?:then|also|plus|after that)\b", re.IGNORECASE)
"""Words that mostly begin another wish, also between words of one argument."""
_EMPTY = frozenset(
    "a an the and or but then also plus too as well please pls thanks thank you to of in on at for from with by my "
    "me i it is that this them so oh um uh ok okay hey can could would will just now one some again after before "
    "first next be do n 2 u".split()
)
"""Words that say nothing by themselves."""


def words_of(text: str) -> list[re.Match[str]]:
    """Return the words of a text, without the marks around them."""
    return list(_WORD.finditer(text))


def says_more(text: str, earlier: Iterable[tuple[str, Mapping[str, str]]]) -> bool:
    """Return whether a joint is followed by telling words that no argument of the `earlier` calls has.

    `earlier` are calls as (tool, words of its arguments).
    """
    matches = words_of(text)
    words = [match[0].casefold() for match in matches]
    had: set[int] = set()
    for _, arguments in earlier:
        for said in arguments.values():
            had |= places(words, [match[0].casefold() for match in words_of(said)], had)
    left = [i for i, word in enumerate(words) if i not in had and word not in _EMPTY]
    joints = [joint.end() for joint in _JOINT.finditer(text) if not _inside(joint, matches, had)]
    joints += [joint.end() for joint in _NEXT.finditer(text)]
    return bool(joints and left) and matches[left[-1]].start() >= min(joints)


def _inside(joint: re.Match[str], matches: Sequence[re.Match[str]], had: set[int]) -> bool:
    """Whether the words on both sides of a joint belong to arguments ("milk and eggs")."""
    before = max((i for i, match in enumerate(matches) if match.end() <= joint.start()), default=None)
    after = min((i for i, match in enumerate(matches) if match.start() >= joint.end()), default=None)
    return before in had and after in had


def places(words: Sequence[str], run: Sequence[str], had: Collection[int]) -> set[int]:
    """Return where the run stands: the first place that is not had yet; runs said in pieces word by word."""
    words, run = list(words), list(run)
    found = [i for i in range(len(words) - len(run) + 1) if run and words[i : i + len(run)] == run]
    for first in (*(i for i in found if i not in had), *found):
        return set(range(first, first + len(run)))
    return {
        words.index(word)
        for word in run
        if word in words and word not in _EMPTY and words.index(word) not in had
    }
