"""What a call that did not end well is known to have changed, and taking that back without the tool.

What left the machine is not among it: of an outgoing call that was cut off nobody knows how far it came, so it is
never said to have changed nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyagent.calls import Effect
from tinyagent.errors import StoreError
from tinyagent.tools import changes as files
from tinyagent.tools import clock_store, made, moving


@dataclass(frozen=True, slots=True)
class Kept:
    """One change: the kind of store (one of `_STORES`), its folder and the data of its `restore`."""

    store: str
    root: Path
    undo: Any


_STORES: dict[str, Any] = {"files": files, "clock": clock_store, "moved": moving, "made": made}
_SENT = "It was cut off and may have been sent all the same, so look before you repeat it."


def as_json(kept: Kept) -> dict[str, Any]:
    """Return the change as JSON data."""
    return {"store": kept.store, "root": str(kept.root), "undo": kept.undo}


def is_there(one: Mapping[str, Any]) -> bool:
    """Whether a change is there, at least in part; what was cut off in its middle is put back first.

    Raises `StoreError`, or `KeyError` and `TypeError` for data that is damaged.
    """
    return bool(_STORES[one["store"]].is_done(Path(one["root"]), one["undo"]))


def lasting(changes: Sequence[Kept]) -> list[Kept]:
    """Return those of the changes of a call that failed which are there, or may be."""
    found = []
    for one in changes:
        with suppress(StoreError, KeyError, TypeError):
            if not is_there(as_json(one)):
                continue
        found.append(one)
    return found


def happened(effect: Effect, changes: Sequence[Mapping[str, Any]]) -> tuple[str, bool]:
    """Return a sentence about a call that was cut off, and whether something of it can be taken back."""
    sent = effect is Effect.OUTGOING
    if not changes:
        return _SENT if sent else "It was cut off before it said that it was done.", False
    try:
        there = any([is_there(one) for one in changes])
    except (StoreError, KeyError, TypeError):
        return _SENT if sent else "It was cut off after it began to change something.", True
    if sent:
        return f"{_SENT} Undo takes back what it wrote here, and no more." if there else _SENT, there
    if there:
        return "It was cut off after its change was written: undo takes it back.", True
    return "It was cut off before its change was whole, so nothing was changed.", False


def take_back(changes: Sequence[Mapping[str, Any]]) -> None:
    """Take the changes back, the last first. Raises `TinyAgentError` where something was changed since."""
    for one in reversed(changes):
        _STORES[one["store"]].restore(Path(one["root"]), one["undo"])
