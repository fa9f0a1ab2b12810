"""Which installed application is meant: "vs code", "the web browser", "photshop", "a new terminal window".

`World.apps` holds the names of the applications. One that is known by another name too (what it generally is, its
command) has an entry "Another name<tab>Name"; a keyword, which says less, an entry "keyword<tab><tab>Name". Where
the world has no applications the words stay as they are: the tool that takes them looks by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tinyagent.calls import Question
from tinyagent.grounding.base import Unresolved, World
from tinyagent.grounding.names import Names, asked, said, shown

ALIAS = "\t"
KEYWORD = "\t\t"
_MOST = 6
_BEFORE = re.compile(
    r"^(?:(?:the|my|our|a|an|new|another|app|application|program|called|named)\s+)+(?=\S)", re.I
)
_AFTER = re.compile(
    r"(?<=\S)(?:\s+(?:apps?|applications?|programs?|software|windows?|process|processes|please|session))+$",
    re.I,
)
_NAME, _OTHER, _WORD = range(3)
_STEPS = (
    (_NAME, 0), (_OTHER, 0), (_NAME, 2), (_OTHER, 2), (_WORD, 0), (_NAME, 4), (_OTHER, 4),
)  # fmt: skip
"""What is looked at in turn, and how daringly (a level of `Names.match`); the first that finds any decides."""


def resolve_app(words: str, world: World) -> str:
    """Return the name of the installed application that the words mean.

    Raises `Unresolved` when there is none, or several equally good ones.
    """
    if not world.apps:
        return bare(words)
    found = match_apps(words, world.apps)
    if len(found) > 1:
        raise Unresolved(Question(which(words, found), options=tuple(found[:_MOST])))
    if not found:
        raise Unresolved(Question(f"I find no application “{shown(bare(words), 60)}”: what is its name?"))
    return found[0]


def match_apps(words: str, apps: Sequence[str]) -> list[str]:
    """Return the names of the applications that the words fit best, several where they fit equally."""
    groups: tuple[list[tuple[str, str]], ...] = ([], [], [])
    for entry in apps:
        called, _, name = entry.rpartition(ALIAS)
        kind = _WORD if called.endswith(ALIAS) else _OTHER if called else _NAME
        groups[kind].append((called.rstrip(ALIAS) or name, name))
    names = [Names([called for called, _ in group]) for group in groups]
    for text in _readings(words):
        for kind, level in _STEPS:
            found = names[kind].match(asked(text), level)
            if found:
                return list(dict.fromkeys(groups[kind][n][1] for n in found))
    return []


def which(words: str, names: Sequence[str]) -> str:
    """Return the question which of several applications is meant."""
    few = [shown(name, 60) for name in names[:_MOST]]
    if len(names) > _MOST:
        return f"Which “{shown(bare(words), 60)}”: {', '.join(few)} or one of {len(names) - _MOST} more?"
    return f"Which “{shown(bare(words), 60)}”: {', '.join(few[:-1])} or {few[-1]}?"


def bare(words: str) -> str:
    """Return the words without "the ... app"."""
    text = said(words)
    return _AFTER.sub("", _BEFORE.sub("", text)) or text


def _readings(words: str) -> Iterator[str]:
    """Yield the words as they are, since an application may be called "App Store", then without the glue."""
    yield said(words)
    if bare(words) != said(words):
        yield bare(words)
