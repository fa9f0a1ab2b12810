"""Take back what the journal says was done. Undoing is journalled too, as a call of its own."""

from __future__ import annotations

import logging

from tinyagent.calls import Call, Effect, Result
from tinyagent.errors import TinyAgentError, ToolError
from tinyagent.journal.changes import take_back
from tinyagent.journal.entry import UNDO, Entry
from tinyagent.journal.journal import Journal
from tinyagent.tools.context import Context
from tinyagent.tools.registry import Catalogue

_log = logging.getLogger(__name__)
_STATES = {
    "undone": "is undone already",
    "failed": "failed, so it changed nothing",
    "declined": "was not done",
    "started": "is still running",
}


def undo(journal: Journal, catalogue: Catalogue, context: Context, number: int | None = None) -> Entry:
    """Take back entry `number`, or the last change, and return its entry as it was.

    Raises `ToolError` where there is nothing to take back and `StoreError`, with nothing changed, where the store
    was changed since.
    """
    entry = _last(journal) if number is None else journal.entry(number)
    _refuse(entry)
    tool = None if entry.undo is None else catalogue[entry.tool]
    if tool is not None and tool.undo is None:
        raise ToolError(f"{named(entry)} cannot be undone: {entry.tool} has no way back any more.")
    call = Call(UNDO, {"entry": entry.id})
    mark = journal.begin(entry.plan, f"undo {entry.id}", UNDO, Effect.WRITE, call, "allow")
    try:
        if tool is not None and tool.undo is not None:
            tool.undo(context, entry.undo)
        else:
            take_back(entry.changes)
    except TinyAgentError as error:
        journal.end(mark, Result(call, "failed", str(error)))
        raise
    except Exception as error:
        _log.debug("undo of %s failed", entry.tool, exc_info=True)
        sentence = (
            f"{named(entry)} cannot be undone ({type(error).__name__}): set TINYAGENT_DEBUG=1 to see why."
        )
        journal.end(mark, Result(call, "failed", sentence))
        raise ToolError(sentence) from None
    only_here = " on this machine" if entry.effect is Effect.OUTGOING else ""
    journal.end(mark, Result(call, "done", f"Took back {entry.tool}{only_here}."), undone=entry.id)
    return entry


def named(entry: Entry) -> str:
    """Return what a sentence calls an entry."""
    return f"Entry {entry.id} ({entry.tool})"


def _last(journal: Journal) -> Entry:
    """Return the last entry that changed or sent something, whether or not it can be taken back."""
    for entry in journal.changed():
        sent = entry.effect is Effect.OUTGOING and entry.status != "failed"
        if entry.tool != UNDO and (entry.undoable or sent):
            return entry
    raise ToolError("There is nothing to undo.")


def _refuse(entry: Entry) -> None:
    """Raise `ToolError` for an entry that there is no way back from."""
    if entry.undoable:
        return
    if entry.tool == UNDO:
        why = "took something back itself: give the command again instead"
    elif entry.status == "failed" and entry.effect is Effect.OUTGOING:
        why = f"failed and left nothing here to take back: {entry.answer.rstrip('.')}"
    elif entry.status in _STATES:
        why = _STATES[entry.status]
    elif entry.effect is Effect.READ:
        why = "only looked, so there is nothing to undo"
    elif entry.effect is Effect.OUTGOING and entry.status == "interrupted":
        why = "may have left this machine before it was cut off, and nothing of it is here to take back"
    elif entry.effect is Effect.OUTGOING:
        why = "left this machine and cannot be undone; `tinyagent undo N` takes back another entry"
    else:
        why = "changed nothing that can be taken back"
    raise ToolError(f"{named(entry)} {why}.")
