"""The names of the person's own things that a spoken command may hold: contacts, lists, rooms, applications, notes.

They are what a speech recogniser cannot know. It is given some of them beforehand (hotwords), and its text is
corrected by them afterwards (`repair`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tinyagent.grounding.apps import ALIAS, KEYWORD
from tinyagent.grounding.base import World
from tinyagent.grounding.people import NICKNAME

MOST = 1000
"""Names in all: what is over is left out, from the end."""
_LONGEST = 40


def names(world: World, tools: Mapping[str, Mapping[str, Any]] | None = None) -> list[str]:
    """Return the names, each once: people first, then lists, rooms and devices, note folders, applications.

    A contact's nickname is a name of its own. `tools` are the tables of the settings file: rooms and devices stand in
    `[home]`. A name without letters, or longer than 40 characters, is left out.
    """
    home = (tools or {}).get("home", {})
    groups: tuple[Iterable[str], ...] = (
        (part for entry in world.people for part in entry.split(NICKNAME)),
        world.lists,
        _keys(home.get("lights")),
        _keys(home.get("devices")),
        (folder.rpartition("/")[2] for folder in world.note_folders),
        (entry.partition(ALIAS)[0] for entry in world.apps if KEYWORD not in entry),
    )
    known: dict[str, str] = {}
    for group in groups:
        for name in group:
            line = " ".join(name.split())
            if len(line) <= _LONGEST and any(c.isalpha() for c in line):
                known.setdefault(line.casefold(), line)
    return list(known.values())[:MOST]


def _keys(table: object) -> Iterable[str]:
    """Return the names in a table of the settings, which a person may have written in any way."""
    return (str(key) for key in table) if isinstance(table, Mapping) else ()
