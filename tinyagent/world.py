"""What the resolvers may refer to on this machine: the person's contacts, lists, files, notes and applications."""

from __future__ import annotations

from datetime import datetime

from tinyagent.grounding.base import World
from tinyagent.settings import Settings
from tinyagent.tools.apps import AppNames
from tinyagent.tools.contacts import people
from tinyagent.tools.context import Folders
from tinyagent.tools.file_paths import Paths
from tinyagent.tools.lists import list_names
from tinyagent.tools.note_store import NoteFolders


def world_of(settings: Settings, folders: Folders, now: datetime | None = None) -> World:
    """Return the world at `now` (default: the clock); files and applications are read when looked at."""
    return World(
        settings.context(now).now,
        people(folders.contacts),
        list_names(folders.notes),
        Paths(folders.home, folders.state, settings.tools, "files"),
        Paths(folders.home, folders.state, settings.tools, "folders"),
        NoteFolders(folders.notes),
        AppNames(folders.home, settings.tools),
    )
