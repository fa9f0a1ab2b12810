"""What is due and what comes next: alarms and timers of `clock.json`, reminders of the VTODO files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tinyagent.scheduler.todos import Todo, read_todos
from tinyagent.settings import Settings
from tinyagent.tools import clock_store
from tinyagent.tools.clock_store import Entry
from tinyagent.tools.fired import History

HORIZON = timedelta(days=7)
"""How far back something missed still rings; further where the scheduler itself was away for longer."""


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to ring at `instant` (UTC); `key` is the same however often it is computed."""

    key: str
    kind: str
    label: str
    instant: datetime
    entry: Entry | None = None


def from_entry(entry: Entry, zone: ZoneInfo) -> Due:
    """Return when an alarm or timer rings."""
    instant = entry.instant(zone)
    return Due(f"{entry.id}@{_stamp(instant)}", entry.kind, entry.label, instant, entry)


class Reminders:
    """The open reminders below a folder of vdir collections; a file is read again when it has changed."""

    def __init__(self, folder: Path, zone: ZoneInfo) -> None:
        self.folder = folder
        self.zone = zone
        self._read: dict[Path, tuple[tuple[int, int], list[Todo]]] = {}

    def todos(self) -> Iterator[Todo]:
        """Read what has changed and yield the open reminders; a file that cannot be understood has none."""
        seen = set()
        for path, mark in _files(self.folder):
            seen.add(path)
            known = self._read.get(path)
            if known is None or known[0] != mark:
                known = self._read[path] = (mark, read_todos(path, self.zone))
            yield from known[1]
        for path in self._read.keys() - seen:
            del self._read[path]

    def due(self, low: datetime, now: datetime) -> Iterator[Due]:
        """Yield what rings within (low, now], and for each reminder the next time after `now`.

        Of a repeating reminder only the last time by `now` counts: what was missed often rings once.
        """
        for todo in self.todos():
            for instant in todo.rings(low, now):
                yield Due(f"reminder:{todo.uid}@{_stamp(instant)}", "reminder", todo.name, instant)

    def signature(self) -> tuple[tuple[str, int], ...]:
        """Return what changes when a file is added, replaced or removed (cheap: folders only)."""
        folders = [self.folder, *(Path(e.path) for e in _entries(self.folder) if e.is_dir())]
        return tuple((str(folder), _mtime(folder)) for folder in folders)


def horizon(history: History, now: datetime) -> datetime:
    """Return how far back to look for what was missed."""
    low = now - HORIZON
    return min(low, datetime.fromisoformat(history.checked)) if history.checked else low


def upcoming(settings: Settings) -> Due | None:
    """Return what rings next, None when nothing waits; what is overdue counts as next."""
    zone, now = settings.zone(), datetime.now(UTC)
    clock = [from_entry(entry, zone) for entry in clock_store.read(settings.state)]
    todos = [due for due in Reminders(settings.tasks, zone).due(now, now) if due.instant > now]
    return min([*clock, *todos], key=lambda due: due.instant, default=None)


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _files(folder: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    for collection in _entries(folder):
        if not collection.is_dir() or collection.name.startswith("."):
            continue
        for entry in _entries(Path(collection.path)):
            if entry.name.endswith(".ics") and not entry.name.startswith("."):
                try:
                    known = entry.stat()
                except OSError:
                    continue  # gone since it was listed
                yield Path(entry.path), (known.st_mtime_ns, known.st_size)


def _entries(folder: Path) -> Iterable[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def _mtime(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
