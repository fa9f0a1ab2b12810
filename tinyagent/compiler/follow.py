"""What a second turn takes over from the first: "and one for Ana too", "no, at four", "text her the result".

How a turn follows the one before is said by the follow head (`retrieval.index.FOLLOWS`); which words are new by the
argument adapter, below the turn before; what stays is decided here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tinyagent.calls import Call, Tool
from tinyagent.compiler.past import Past
from tinyagent.compiler.results import is_reference
from tinyagent.dualtune.prompts import in_fill_order
from tinyagent.grounding import times
from tinyagent.grounding.base import World
from tinyagent.grounding.ground import ground
from tinyagent.retrieval.index import FRESH, NONE
from tinyagent.retrieval.retriever import Retrieved
from tinyagent.tools.registry import Catalogue

SURE = 0.5
OTHER = 0.9
"""A tool that is likelier than this is what a command is about, whatever the turn before was about."""
SAME_TOOLSET = 6.0
"""How much likelier a tool is when the turn before was of its toolset and the command says "it"."""
ANOTHER, INSTEAD, UNDO = "another", "instead", "undo"
_BACK = re.compile(
    r"\b(?:it|its|that|this|them|those|these|there|then|him|her|they|the (?:result|answer|link|number|summary|file|"
    r"note|email|address|forecast|text|screenshot|document|pdf))\b",
    re.IGNORECASE,
)
_EITHER_OR = (
    frozenset({"level", "change", "state"}),
    frozenset({"end", "duration"}),
    frozenset({"time", "label", "which"}),
)
"""Parameters that say the same in different ways: a new one takes the place of the others."""
_NAMES = frozenset({"title", "name", "item", "query", "content"})
_DETAILS = frozenset({"location", "notes", "label"})
"""What belongs to one named thing only: another thing does not take it over."""
_HALF = re.compile(
    r"\b(?:[ap]\.?m|morning|afternoon|evening|night|tonight|noon|midnight)\b|\b(?:1[3-9]|2[0-3]|0\d):?\d\d",
    re.IGNORECASE,
)


def how(past: Past, retrieved: Retrieved) -> str:
    """Return how a command follows the turns before."""
    best, share = max(retrieved.follows.items(), key=lambda item: item[1], default=(FRESH, 1.0))
    return best if share >= SURE and (past.tools or best == UNDO) else FRESH


def points_back(text: str) -> bool:
    """Whether a command has words that may mean something of the turn before."""
    return bool(_BACK.search(text))


def steered(past: Past, retrieved: Retrieved, text: str, catalogue: Catalogue) -> Retrieved:
    """Return what was retrieved with the toolsets of the turn before in favour, where the words may mean it.

    "Delete it" is for reminders, notes and files alike: which of them, the turn before has said.
    """
    toolsets = {tool.toolset for tool in past.tools}
    if not toolsets or not points_back(text):
        return retrieved
    names = frozenset(tool.name for tool in catalogue if tool.toolset in toolsets)
    return retrieved.favouring(names, SAME_TOOLSET)


def followed(past: Past, retrieved: Retrieved) -> int | None:
    """Return which call of the turn before is followed: the likeliest tool, of equal ones the last.

    None where the command is clearly about a tool that the turn before had nothing to do with.
    """
    names = [tool.name for tool in past.tools]
    best = max(retrieved.scores, key=lambda name: retrieved.scores[name], default=NONE)
    if not names or (best not in (*names, NONE) and retrieved.scores[best] >= OTHER):
        return None
    return max(range(len(names)), key=lambda i: (retrieved.scores.get(names[i], 0.0), i))


def carry(tool: Tool, old: Call, words: Mapping[str, str], world: World, text: str, way: str) -> Call:
    """Return the call that follows `old`: what `words` say anew, the rest as it was.

    Raises `Unresolved` for words without a value.
    """
    said = replace(tool, parameters=tuple(p for p in tool.parameters if p.name in words))
    new = ground(said, words, world, text=text)
    args = {name: value for name, value in old.args.items() if _stays(name, words, way)}
    for parameter in said.parameters:
        name = parameter.name
        if parameter.type == "when" and isinstance(args.get(name), str):
            new[name] = _same_day(args[name], new[name], words[name], world.now)
    _same_length(args, new)
    taken = tuple(n for n in args if n not in new and (n in old.taken or is_reference(old.words.get(n, ""))))
    kept = {name: said for name, said in old.words.items() if name in args}
    merged = {**args, **new}
    return Call(
        tool.name,
        {p.name: merged[p.name] for p in tool.parameters if p.name in merged},
        in_fill_order(tool, {**kept, **words}),
        taken=taken,
    )


def _stays(name: str, words: Collection[str], way: str) -> bool:
    if any(name in group and group.intersection(words) for group in _EITHER_OR):
        return name in words
    return not (way == ANOTHER and name in _DETAILS and _NAMES.intersection(words))


def _same_day(old: str, new: str, words: str, now: datetime) -> str:
    """Return a new time with what its words leave open as it was: "four" on the same day, "friday" at the same hour."""
    was, is_ = datetime.fromisoformat(old), datetime.fromisoformat(new)
    if "T" not in new:
        return datetime.combine(is_.date(), was.time()).isoformat() if "T" in old else new
    if not times.says_only_clock(words, now):
        return new
    clock = is_.time()
    if "T" in old and not _HALF.search(words) and (was.hour < 12) != (clock.hour < 12):
        clock = clock.replace(hour=(clock.hour + 12) % 24)
    moved = datetime.combine(was.date(), clock)
    return moved.isoformat() if moved > now else new


def _same_length(args: dict[str, Any], new: dict[str, Any]) -> None:
    """Let the end go with a new start."""
    start, end = args.get("start"), args.get("end")
    if "start" not in new or "end" in new or not (start and end) or not ("T" in start and "T" in end):
        return
    length: timedelta = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    if "T" in new["start"]:
        new["end"] = (datetime.fromisoformat(new["start"]) + length).isoformat()
    else:
        del args["end"]
