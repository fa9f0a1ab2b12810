"""What rang and when: `fired.json` in the state folder, written by the scheduler, read to snooze."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

from tinyagent.errors import StoreError
from tinyagent.tools.files import atomic_write, read_text, store_error

FILE = "fired.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Fired:
    """One firing. `key` names what rang and for which time; `due` and `at` (when it rang) are UTC."""

    key: str
    kind: str
    label: str
    due: str
    at: str


@dataclass(frozen=True, slots=True)
class History:
    """All firings still remembered, oldest first, and when the scheduler last looked ("": never)."""

    fired: tuple[Fired, ...] = ()
    checked: str = ""


def read(state: Path) -> History:
    """Return the history; `StoreError` where the file cannot be understood (it is kept)."""
    path = state / FILE
    text = read_text(path)
    if text is None:
        return History()
    try:
        data = json.loads(text)
        if data["version"] > VERSION:
            raise StoreError(
                f"{path} was written by a newer tinyagent: update this one, or move the file away."
            )
        known = {f.name for f in fields(Fired)}
        rows = [Fired(**{k: v for k, v in row.items() if k in known}) for row in data["fired"]]
        for moment in (*(t for row in rows for t in (row.due, row.at)), *filter(None, [data["checked"]])):
            if datetime.fromisoformat(moment).tzinfo is None:
                raise ValueError("not UTC")
        return History(tuple(rows), data["checked"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise StoreError(f"{path} is damaged, so nothing can ring: move it away.") from None


def write(state: Path, fired: Sequence[Fired], checked: str, *, synced: bool = True) -> None:
    """Replace the history; not `synced` is faster, survives a kill, and a power cut as the file system will."""
    rows = [asdict(row) for row in fired]
    text = json.dumps({"version": VERSION, "checked": checked, "fired": rows}, indent=1, ensure_ascii=False)
    if synced:
        atomic_write(state / FILE, text + "\n")
        return
    temporary = state / f".{FILE}.tmp"
    try:
        temporary.touch(mode=0o600)
        temporary.write_text(text + "\n", "utf-8")
        temporary.replace(state / FILE)
    except OSError as error:
        raise store_error(state / FILE, "written", error) from None


def last_fired(state: Path, since: datetime, until: datetime) -> Fired | None:
    """Return what rang last within [since, until]: an alarm before a timer or reminder; None for nothing."""
    recent = [row for row in read(state).fired if since <= datetime.fromisoformat(row.at) <= until]
    alarms = [row for row in recent if row.kind == "alarm"]
    return max(alarms or recent, key=lambda row: row.at, default=None)
