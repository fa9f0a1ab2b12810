"""One entry of the journal: a call, why it ran, what became of it and whether it can be taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tinyagent.calls import Call, Effect, Result

LONGEST_NOTE = 200
UNDO = "tinyagent undo"
"""The name under which taking back an entry is journalled; with its space it is no tool's."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A call as the journal has it.

    `status` is "started" (in a process that is still there), "done", "failed", "declined", "undone" or
    "interrupted" (its process ended before the call did). `at` and `ended` are UTC, ISO 8601. `turn` counts the
    changes in the order in which they were made. `undo` is what the tool's undo takes; `changes` what a
    call that did not end well is known to have written.
    """

    id: int
    plan: str
    at: str
    words: str
    tool: str
    effect: Effect
    args: Mapping[str, Any]
    decision: str
    status: str
    ended: str = ""
    turn: int = 0
    answer: str = ""
    value: Any = None
    undo: Any = None
    changes: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def call(self) -> Call:
        """The call itself."""
        return Call(self.tool, self.args)

    @property
    def undoable(self) -> bool:
        """Whether there is something that undo could try to take back."""
        if self.tool == UNDO:
            return False
        if self.status == "done":
            return self.undo is not None
        return self.status in ("interrupted", "failed") and bool(self.changes)

    def as_json(self) -> dict[str, Any]:
        """Return the entry as JSON data, without the texts that undo would bring back."""
        return {
            "id": self.id,
            "plan": self.plan,
            "at": self.at,
            "ended": self.ended or None,
            "words": self.words,
            "tool": self.tool,
            "effect": str(self.effect),
            "args": dict(self.args),
            "decision": self.decision,
            "status": self.status,
            "answer": self.answer,
            "value": self.value,
            "undoable": self.undoable,
        }


COLUMNS = (
    "id, plan, at, words, tool, effect, args, decision, status, ended, turn, answer, value, undo, changes"
)


def from_row(row: tuple[Any, ...]) -> Entry:
    """Return the entry of a row of `COLUMNS`."""
    (number, plan, at, words, tool, effect, args, decision, status, ended, turn, answer, *texts) = row
    value, undo, changes = (json.loads(text) if text else None for text in texts)
    return Entry(
        number,
        plan,
        at,
        words,
        tool,
        Effect(effect),
        json.loads(args),
        decision,
        status,
        ended or "",
        turn or 0,
        answer or "",
        value,
        undo,
        tuple(changes or ()),
    )


def noted(result: Result) -> Result:
    """Return what is kept of a look: the first line of the answer, at most `LONGEST_NOTE` characters, no value.

    "I found 3 notes for “budget”:" says what was done; what was found is the person's and other people's, may be
    long, and would outlive its deletion here.
    """
    line = result.answer.partition("\n")[0]
    note = line if len(line) <= LONGEST_NOTE else f"{line[: LONGEST_NOTE - 1]}…"
    return replace(result, answer=note, value=None)


def storable(text: str) -> str:
    """Return `text` as SQLite takes it: file names can hold bytes that are no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
