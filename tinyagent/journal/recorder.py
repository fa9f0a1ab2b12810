"""The journal as the executor sees it: a recorder for each plan, a record for each call (`compiler.recorder`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinyagent.calls import Call, Effect, Result, Tool
from tinyagent.errors import StoreError
from tinyagent.journal.changes import Kept, lasting
from tinyagent.journal.entry import noted
from tinyagent.journal.journal import Journal


class Recorder:
    """Records the calls of one plan; what the executor takes."""

    def __init__(self, journal: Journal, words: str, plan: str) -> None:
        self.journal, self.words, self.plan = journal, words, plan

    def begin(self, tool: Tool, call: Call, decision: str) -> Record:
        """Write that `call` is about to run. Raises `StoreError`: then it must not run."""
        number = self.journal.begin(self.plan, self.words, tool.name, tool.effect, call, decision)
        return Record(self.journal, number, tool.effect)


class Record:
    """The entry of one running call."""

    def __init__(self, journal: Journal, number: int, effect: Effect) -> None:
        self.journal, self.effect = journal, effect
        self.number: int | None = number
        self._number = number
        self._changes: list[Kept] = []

    def keep(self, store: str, root: Path, undo: Any) -> None:
        """Write what the tool is changing, while it still can be taken back. Raises `StoreError`."""
        changes = [*self._changes, Kept(store, root, undo)]
        self.journal.keep(self._number, changes)
        self._changes = changes

    def end(self, result: Result) -> str:
        """Write what became of the call; return a sentence where that failed, "" where it did not."""
        # What was kept can be undone after a power cut even if the journal does not know that it ended.
        looked = self.effect is Effect.READ
        kept = () if result.status == "done" else lasting(self._changes)
        try:
            self.journal.end(
                self._number,
                noted(result) if looked else result,
                kept=kept,
                durable=not looked and not self._changes,
            )
        except (StoreError, TypeError, ValueError) as error:
            return f"The journal does not say so, and undo cannot take it back: {error}"
        return ""
