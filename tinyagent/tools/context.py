"""What a tool function may know about the outside: the time, the zone and the folders. Nothing comes from the air."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the person's things live. `calendars` and `tasks` hold one vdir collection per sub-folder."""

    calendars: Path
    tasks: Path
    contacts: Path
    notes: Path
    state: Path

    @classmethod
    def under(cls, root: Path) -> Folders:
        """Return the usual layout below one folder (a scratch copy, a test)."""
        return cls(root / "calendars", root / "tasks", root / "contacts", root / "notes", root / "state")


@dataclass(frozen=True, slots=True)
class Context:
    """Given to every tool function. `now` is local time without a zone; `timezone` is the zone it is local to.

    `words` holds what the person said for each argument of the call at hand.
    """

    now: datetime
    timezone: ZoneInfo
    folders: Folders
    calendar: str = "personal"
    task_list: str = "reminders"
    shopping_list: str = "shopping"
    words: Mapping[str, str] = field(default_factory=dict)
