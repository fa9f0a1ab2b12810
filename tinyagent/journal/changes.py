"""What an interrupted call is known to have changed, and taking that back without the tool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyagent.errors import StoreError
from tinyagent.tools import changes as files
from tinyagent.tools import clock_store


@dataclass(frozen=True, slots=True)
class Kept:
    """One change: the kind of store ("files", "clock"), its folder and the data of its `restore`."""

    store: str
    root: Path
    undo: Any


_STORES = {"files": files, "clock": clock_store}


def as_json(kept: Kept) -> dict[str, Any]:
    """Return the change as JSON data."""
    return {"store": kept.store, "root": str(kept.root), "undo": kept.undo}


def happened(changes: Sequence[Mapping[str, Any]]) -> tuple[str, bool]:
    """Return a sentence about a call that was cut off, and whether something of it can be taken back."""
    if not changes:
        return "It was cut off before it said that it was done.", False
    try:
        there = [_STORES[one["store"]].is_done(Path(one["root"]), one["undo"]) for one in changes]
    except (StoreError, KeyError, TypeError):
        return "It was cut off after it began to change something.", True
    if any(there):
        return "It was cut off after its change was written: undo takes it back.", True
    return "It was cut off before its change was whole, so nothing was changed.", False


def take_back(changes: Sequence[Mapping[str, Any]]) -> None:
    """Take the changes back, the last first. Raises `StoreError` where something was changed since."""
    for one in reversed(changes):
        _STORES[one["store"]].restore(Path(one["root"]), one["undo"])
