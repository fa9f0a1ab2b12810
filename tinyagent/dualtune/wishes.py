"""What of a command is still to be done: the parts that retrieval has cut it into, less those that calls have done."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from tinyagent.dualtune.coverage import places, words_of
from tinyagent.retrieval.index import NONE
from tinyagent.retrieval.parts import Part


def wishes(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts that ask for something."""
    return tuple(part for part in parts if part.tool != NONE)


Feeds = Callable[[str, str], bool]
"""Whether a result of the first tool can be an argument of the second."""


def left(
    parts: Sequence[Part],
    text: str,
    earlier: Iterable[tuple[str, Mapping[str, str]]],
    feeds: Feeds = lambda source, target: False,
) -> tuple[Part, ...]:
    """Return the wishes that no `earlier` call, given as (tool, words of its arguments), has done.

    A call has done the part of its tool, where there are several the one that most of its words stand in. Where there
    is none it has done that part which most of its words stand in, unless it `feeds` that part's tool: it was done
    for it ("text Ana the plumber's number").
    """
    open_ = list(wishes(parts))
    matches = words_of(text)
    for tool, arguments in earlier:
        said = {at for run in arguments.values() for at in _starts(matches, run)}
        own = [part for part in open_ if part.tool == tool]
        among = own or [part for part in open_ if not feeds(tool, part.tool)]
        done = max(among, key=lambda part: sum(part.start <= at < part.end for at in said), default=None)
        if done is not None and (own or any(done.start <= at < done.end for at in said)):
            open_.remove(done)
    return tuple(open_)


def holds(part: Part, text: str, run: str) -> bool:
    """Return whether every word of `run`, an argument, stands in this part of the command."""
    found = _starts(words_of(text), run)
    return bool(found) and all(part.start <= at < part.end for at in found)


def _starts(matches: Sequence[re.Match[str]], run: str) -> set[int]:
    """Return at which characters the words of `run` stand among the words of a command."""
    words, said = ([match[0].casefold() for match in found] for found in (matches, words_of(run)))
    return {matches[place].start() for place in places(words, said, set())}


def chances(parts: Sequence[Part], later: float) -> dict[str, float]:
    """Return how likely each tool comes next, and `none` that nothing of these parts is to be done; they sum to one.

    The first part comes first; one said after it counts `later` times as much.
    """
    found: dict[str, float] = {}
    nothing = 1.0
    for number, part in enumerate(parts):
        of = dict(part.chances)
        nothing *= of.pop(NONE, 0.0)
        for tool, chance in of.items():
            found[tool] = max(found.get(tool, 0.0), chance * (later if number else 1.0))
    found[NONE] = nothing
    total = sum(found.values())
    return {tool: chance / total for tool, chance in found.items()}
