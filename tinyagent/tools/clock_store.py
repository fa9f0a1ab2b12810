"""Alarms and timers on disk: `clock.json` in the state folder, replaced whole, changed under a lock.

An alarm is due at a local clock time (it moves with the person and with summer time), a timer at an instant
(UTC). A file that cannot be read is never overwritten: reading it raises `StoreError`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tinyagent.errors import StoreError
from tinyagent.tools.changes import announce
from tinyagent.tools.files import atomic_write, locked, read_text, remove

FILE = "clock.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """An alarm or a timer.

    `due` is ISO 8601: local without zone for an alarm (the next time it rings), UTC for a timer. A repeating
    alarm has an RRULE in `recurrence` and its first time in `start`. `snoozed` is the key of the firing it
    repeats. `seconds` is the length of a timer.
    """

    id: str
    kind: str
    due: str
    label: str = ""
    recurrence: str = ""
    start: str = ""
    snoozed: str = ""
    created: str = ""
    seconds: int = 0

    @property
    def when(self) -> datetime:
        """The time it is due: local without zone (alarm) or with zone UTC (timer)."""
        return datetime.fromisoformat(self.due)

    def instant(self, zone: ZoneInfo) -> datetime:
        """Return the time it is due in UTC, for a person in `zone`."""
        when = self.when
        return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)


@dataclass(slots=True)
class Book:
    """The entries while they change; `undo` tells what takes the change back."""

    path: Path
    before: str | None
    entries: list[Entry]
    _old: list[Entry] = field(default_factory=list)

    def new_id(self, kind: str, now: datetime) -> str:
        """Return an id that no entry has."""
        stem = f"{kind}-{now:%Y%m%dT%H%M%S}"
        taken = {entry.id for entry in self.entries}
        return next(f"{stem}-{n}" for n in range(1, len(taken) + 2) if f"{stem}-{n}" not in taken)

    def undo(self) -> dict[str, Any]:
        """Return JSON data for `restore`."""
        known, kept = {e.id: e for e in self._old}, {e.id: e for e in self.entries}
        return {
            "before": self.before,
            "after": _digest(render(self.entries)),
            "remove": [e.id for e in self.entries if known.get(e.id) != e],
            "add": [[at, asdict(e)] for at, e in enumerate(self._old) if kept.get(e.id) != e],
        }


def read(state: Path) -> list[Entry]:
    """Return the entries of `clock.json` in the folder `state`; `StoreError` when it cannot be understood."""
    return _parse(read_text(state / FILE), state / FILE)


@contextmanager
def changing(state: Path) -> Iterator[Book]:
    """Lock the folder, give the entries, write them back where they changed. An exception writes nothing."""
    with locked(state):
        path = state / FILE
        text = read_text(path)
        entries = _parse(text, path)
        book = Book(path, text, list(entries), entries)
        yield book
        if book.entries != entries:
            announce("clock", state, book.undo())
            atomic_write(path, render(book.entries))


def restore(state: Path, data: dict[str, Any]) -> None:
    """Take a change back: byte for byte where nothing happened since, else the same entries."""
    with locked(state):
        path = state / FILE
        text = read_text(path)
        if text == data["before"]:
            return
        if _digest(text or "") == data["after"]:
            if data["before"] is None:
                remove(path)
            else:
                atomic_write(path, data["before"])
            return
        entries = [e for e in _parse(text, path) if e.id not in data["remove"]]
        for at, raw in data["add"]:
            entries.insert(min(at, len(entries)), Entry(**raw))
        atomic_write(path, render(entries))


def is_done(state: Path, data: dict[str, Any]) -> bool:
    """Whether the change that `Book.undo` described is there. Raises `StoreError`."""
    before: str | None = data["before"]
    return read_text(state / FILE) != before


def rolled(entry: Entry, after: datetime) -> Entry | None:
    """Return a repeating alarm set to its next time after `after` (local); None where it rings no more."""
    if not entry.recurrence:
        return None
    from tinyagent.tools.ical import next_start

    first = datetime.fromisoformat(entry.start or entry.due)
    try:
        following = next_start(entry.recurrence, first, max(after, entry.when))
    except (ValueError, KeyError, TypeError):
        return None  # edited by hand into no rule
    return replace(entry, due=following.isoformat()) if following else None


def render(entries: Sequence[Entry]) -> str:
    """Return the text of the file."""
    rows = [{key: value for key, value in asdict(entry).items() if value} for entry in entries]
    return json.dumps({"version": VERSION, "entries": rows}, indent=1, ensure_ascii=False) + "\n"


def _parse(text: str | None, path: Path) -> list[Entry]:
    if text is None:
        return []
    try:
        data = json.loads(text)
        if data["version"] > VERSION:
            raise StoreError(
                f"{path} was written by a newer tinyagent: update this one, or move the file away."
            )
        known = {f.name for f in fields(Entry)}
        entries = [Entry(**{k: v for k, v in row.items() if k in known}) for row in data["entries"]]
        if not all(isinstance(e.id, str) and e.kind in {"alarm", "timer"} for e in entries):
            raise ValueError("not an entry")
        for entry in entries:
            if (entry.when.tzinfo is None) != (entry.kind == "alarm"):
                raise ValueError("not a time of its kind")
        return entries
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise StoreError(
            f"{path} is damaged, so alarms and timers cannot be used: correct it or move it away."
        ) from None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
