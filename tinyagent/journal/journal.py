"""The journal: every call before and after it runs, with what takes it back.

An entry is "started" before its tool is called. While the tool still holds the lock of its store it hands over
what it changed (`tools.changes.keeping`), so that a kill at any moment leaves either a store as it was or an
entry that knows how to undo it. An entry whose process is gone is "interrupted".

Results of calls that changed or sent something are kept; of one that only looked, the beginning of its answer
(`entry.noted`): the mails, notes and pages it showed are no part of what was done.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinyagent.calls import Call, Effect, Result
from tinyagent.errors import ToolError
from tinyagent.journal.changes import Kept, as_json, happened
from tinyagent.journal.database import Database
from tinyagent.journal.entry import COLUMNS, Entry, from_row, storable
from tinyagent.journal.owner import Owner, is_there

if TYPE_CHECKING:
    from tinyagent.journal.recorder import Recorder

FILE = "journal.sqlite3"
LARGEST_VALUE = 64_000
"""Characters of a result that are kept; undo data is kept whole."""
LARGEST_ANSWER = 8_000
NEWEST = 20
"""Entries that stay however large they are."""
_NEXT_TURN = "(SELECT COALESCE(MAX(turn), 0) + 1 FROM call)"


def utc_now() -> datetime:
    """Return the time, the usual clock of a journal."""
    return datetime.now(UTC)


class Journal:
    """The journal in the folder `state`. `days` (0: for ever) and `megabytes` bound what it keeps."""

    def __init__(
        self, state: Path, *, days: int = 90, megabytes: int = 32, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.path = state / FILE
        self._days, self._bytes, self._clock = days, max(1, megabytes) << 20, clock
        self._database = Database(self.path, clock)
        self._owner = Owner(state)
        self._swept = False

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that the person must be told, such as that a damaged journal was moved aside."""
        return tuple(self._database.notes)

    def take_notes(self) -> tuple[str, ...]:
        """Return the notes and forget them: they have been told."""
        notes = self.notes
        self._database.notes.clear()
        return notes

    def recorder(self, words: str) -> Recorder:
        """Return what records the calls of one plan, for a command in these words."""
        from tinyagent.journal.recorder import Recorder

        return Recorder(self, words, secrets.token_hex(6))

    def close(self) -> None:
        """Close the file; calls of this journal that have not ended count as interrupted."""
        self._database.close()
        self._owner.close()

    def begin(self, plan: str, words: str, tool: str, effect: Effect, call: Call, decision: str) -> int:
        """Write the entry of a call that is about to run; return its number. Raises `StoreError`."""
        args = json.dumps(dict(call.args))
        owner = self._owner.token
        row = (plan, self._now(), storable(words), tool, str(effect), args, decision, "started", owner)

        def work(connection: sqlite3.Connection) -> int:
            self._sweep(connection)
            cursor = connection.execute(
                "INSERT INTO call (plan, at, words, tool, effect, args, decision, status, owner, turn)"
                f" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, {_NEXT_TURN})",
                row,
            )
            return int(cursor.lastrowid or 0)

        return self._database.transact(work)

    def keep(self, number: int, changes: list[Kept]) -> None:
        """Write what a running call has changed so far. Raises `StoreError`: then it must not be changed."""
        row = (json.dumps([as_json(kept) for kept in changes]), number)
        query = f"UPDATE call SET changes = ?, turn = {_NEXT_TURN} WHERE id = ?"
        self._database.transact(lambda c: c.execute(query, row), durable=True)

    def end(
        self, number: int, result: Result, *, kept: Sequence[Kept] = (), undone: int = 0, durable: bool = True
    ) -> None:
        """Write what became of a call; `undone` is the entry that it took back. Raises `StoreError`.

        A call that failed has what it had changed until then in `kept`, one that is done its undo data instead.
        """
        value = json.dumps(result.value, default=str)
        undo = None if result.undo is None else json.dumps(result.undo)
        answer = storable(result.answer[:LARGEST_ANSWER])
        row = (
            result.status,
            self._now(),
            answer,
            value if len(value) <= LARGEST_VALUE else None,
            undo,
            json.dumps([as_json(one) for one in kept]) if kept else None,
            number,
        )

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE call SET status = ?, ended = ?, answer = ?, value = ?, undo = ?,"
                f" turn = CASE WHEN changes IS NULL THEN {_NEXT_TURN} ELSE turn END, changes = ? WHERE id = ?",
                row,
            )
            connection.execute("UPDATE call SET status = 'undone' WHERE id = ?", (undone,))

        self._database.transact(work, durable=durable)

    def entries(self, limit: int = 20) -> list[Entry]:
        """Return the newest entries, the newest first. Raises `StoreError`."""
        return self._read("ORDER BY id DESC LIMIT ?", limit)

    def entry(self, number: int) -> Entry:
        """Return the entry `number`; `ToolError` where there is none."""
        found = self._read("WHERE id = ?", number)
        if not found:
            raise ToolError(f"There is no entry {number} in the journal: `tinyagent history` shows them.")
        return found[0]

    def changed(self) -> Iterator[Entry]:
        """Yield what ran and was no mere look, the last change first. Raises `StoreError`."""
        for (number,) in self._rows(
            "SELECT id FROM call WHERE status IN ('done', 'interrupted', 'failed') AND effect != 'read'"
            " ORDER BY turn DESC, id DESC"
        ):
            yield self.entry(number)

    def _read(self, clause: str, *values: Any) -> list[Entry]:
        return [from_row(row) for row in self._rows(f"SELECT {COLUMNS} FROM call {clause}", *values)]

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        if not self.path.exists():
            return []

        self._settle()
        return self._database.transact(lambda c: c.execute(query, values).fetchall())

    def _settle(self) -> None:
        """Mark the entries of processes that are gone, with what is known about them."""
        started = self._database.transact(
            lambda c: c.execute(f"SELECT owner, {COLUMNS} FROM call WHERE status = 'started'").fetchall()
        )
        gone = {owner for owner in {row[0] for row in started} if not is_there(self.path.parent, owner)}
        for entry in (from_row(row[1:]) for row in started if row[0] in gone):
            # Outside of a transaction: whoever holds the lock of a store may be waiting to write here.
            sentence, there = happened(entry.effect, entry.changes)
            row = (sentence, there, entry.id)
            self._database.transact(lambda c, row=row: c.execute(  # type: ignore[misc]
                "UPDATE call SET status = 'interrupted', answer = ?, changes = iif(?, changes, NULL)"
                " WHERE id = ? AND status = 'started'", row))  # fmt: skip

    def _sweep(self, connection: sqlite3.Connection) -> None:
        """Forget what is too old (looked at once) or too much."""
        kept = f"id <= (SELECT MAX(id) FROM call) - {NEWEST} AND status != 'started'"
        before = connection.total_changes
        if self._days and not self._swept:
            oldest = (self._clock() - timedelta(days=self._days)).isoformat(timespec="seconds")
            connection.execute("DELETE FROM call WHERE at < ? AND status != 'started'", (oldest,))
        self._swept = True
        while self._database.size(connection) > self._bytes:
            eighth = f"SELECT id FROM call WHERE {kept} ORDER BY id LIMIT 1 + (SELECT COUNT(*) FROM call) / 8"
            if not connection.execute(f"DELETE FROM call WHERE id IN ({eighth})").rowcount:
                break
        if connection.total_changes != before:
            connection.execute("PRAGMA incremental_vacuum").fetchall()

    def _now(self) -> str:
        return self._clock().isoformat(timespec="seconds")
