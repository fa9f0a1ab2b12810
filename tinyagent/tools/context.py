"""What a tool function may know about the outside: the time, the zone and the folders. Nothing comes from the air."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tinyagent.tools.opener import open_on_desktop


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the person's things live. `calendars` and `tasks` hold one vdir collection per sub-folder.

    `home` holds the documents (below it lie the roots of the toolset files), `trash` is the desktop's trash.
    """

    calendars: Path
    tasks: Path
    contacts: Path
    notes: Path
    state: Path
    home: Path
    trash: Path

    @classmethod
    def under(cls, root: Path) -> Folders:
        """Return the usual layout below one folder (a scratch copy, a test)."""
        names = ("calendars", "tasks", "contacts", "notes", "state", "home", "home/.local/share/Trash")
        return cls(*(root / name for name in names))


@dataclass(frozen=True, slots=True)
class Context:
    """Given to every tool function. `now` is local time without a zone; `timezone` is the zone it is local to.

    `words` holds what the person said for each argument of the call at hand, `tools` the settings of each toolset.
    `opener` opens a path or an address on the desktop, or raises `ToolError`.
    """

    now: datetime
    timezone: ZoneInfo
    folders: Folders
    calendar: str = "personal"
    task_list: str = "reminders"
    shopping_list: str = "shopping"
    words: Mapping[str, str] = field(default_factory=dict)
    tools: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    opener: Callable[[str], None] = field(default=open_on_desktop, compare=False)
