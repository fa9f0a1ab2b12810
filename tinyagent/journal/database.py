"""The journal's SQLite file: the owner's alone, in WAL mode, and moved aside when it is damaged.

Knows nothing of calls. One connection for all threads of a process, one transaction at a time; other processes
wait. Every failure is a `StoreError` with a sentence.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from tinyagent.errors import StoreError
from tinyagent.tools.files import make_folder, store_error

T = TypeVar("T")
VERSION = 1
PATIENCE = 10.0
"""Seconds to wait for another process."""

_SCHEMA = """
CREATE TABLE call (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    plan TEXT NOT NULL, at TEXT NOT NULL, words TEXT NOT NULL,
    tool TEXT NOT NULL, effect TEXT NOT NULL, args TEXT NOT NULL, decision TEXT NOT NULL,
    status TEXT NOT NULL, owner TEXT NOT NULL,
    ended TEXT, turn INTEGER, answer TEXT, value TEXT, undo TEXT, changes TEXT
);
CREATE INDEX call_by_status ON call (status);
CREATE INDEX call_by_turn ON call (turn);
"""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full; make room and try again",
    sqlite3.SQLITE_READONLY: "its permissions or the disk do not allow it; change them and try again",
    sqlite3.SQLITE_PERM: "its permissions do not allow it; change them and try again",
    sqlite3.SQLITE_BUSY: "another program keeps it busy; try again",
    sqlite3.SQLITE_LOCKED: "another program keeps it busy; try again",
    sqlite3.SQLITE_CANTOPEN: "it is no file that can be opened; move it away",
    sqlite3.SQLITE_IOERR: "the disk fails; look at it, and try again",
}


class Database:
    """The file at `path`, made when it is first written. `notes` collects what the person must be told."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self.path = path
        self.notes: list[str] = []
        self._clock = clock
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0

    def transact(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = False) -> T:
        """Run `work` in a transaction that is written whole or not at all, and return what it returns.

        Every transaction outlives a kill, a `durable` one a power cut too (with all before it). A damaged file
        is moved aside once, with a note, and `work` gets a new one. Raises `StoreError`.
        """
        with self._lock:
            try:
                return self._attempt(work, durable)
            except sqlite3.Error as error:
                if _code(error) not in _DAMAGED:
                    raise self._failure(error) from None
            self._move_aside()
            try:
                return self._attempt(work, durable)
            except sqlite3.Error as error:
                raise self._failure(error) from None

    def close(self) -> None:
        """Close the connection; the next transaction opens another one."""
        with self._lock, suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def size(self, connection: sqlite3.Connection) -> int:
        """Return the bytes in use inside the file."""
        pages, free, size = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    def _attempt(self, work: Callable[[sqlite3.Connection], T], durable: bool) -> T:
        connection = self._connection or self._open()
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
        return result

    def _open(self) -> sqlite3.Connection:
        make_folder(self.path.parent)
        try:
            # Made before SQLite does: its side files take over the mode of this one.
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
            with open(descriptor, "rb") as stream:
                state = os.fstat(stream.fileno())
                if state.st_mode & 0o077:
                    os.fchmod(stream.fileno(), 0o600)
        except OSError as error:
            raise store_error(self.path, "opened", error) from None
        connection = sqlite3.connect(
            self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        self._connection, self._inode = connection, state.st_ino
        weakref.finalize(self, connection.close)
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        # What was forgotten is overwritten, and the file gets smaller again: this is a diary.
        for setting in ("secure_delete = ON", "auto_vacuum = INCREMENTAL", "journal_mode = WAL",
                        "journal_size_limit = 1000000"):  # fmt: skip
            connection.execute(f"PRAGMA {setting}").fetchall()
        if self._version(connection) == VERSION:
            return
        connection.execute("BEGIN IMMEDIATE")
        if self._version(connection) == 0:  # nobody else was faster
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")

    def _version(self, connection: sqlite3.Connection) -> int:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > VERSION:
            raise StoreError(
                f"{self.path} was written by a newer tinyagent: update this one, or move the file away."
            )
        return version

    def _move_aside(self) -> None:
        """Give the damaged file another name, unless another process has done so already."""
        self.close()
        aside = self.path.with_name(f"{self.path.name}.damaged-{self._clock():%Y%m%dT%H%M%S}")
        try:
            if self._inode and self._inode != os.stat(self.path).st_ino:
                return
            os.rename(self.path, aside)
        except FileNotFoundError:
            return
        except OSError as error:
            raise store_error(self.path, "moved aside", error) from None
        for suffix in ("-wal", "-shm"):
            with suppress(OSError):
                os.rename(f"{self.path}{suffix}", f"{aside}{suffix}")
        self._inode = 0
        self.notes.append(
            f"The journal was damaged, so a new one was begun: the old one is kept as {aside}, and what was done "
            "before can be undone by hand only."
        )

    def _failure(self, error: sqlite3.Error) -> StoreError:
        reason = _REASONS.get(_code(error), str(error))
        return StoreError(f"The journal {self.path} cannot be used: {reason}.")


def _code(error: sqlite3.Error) -> int:
    """Return the primary result code; SQLite keeps the details in the upper bytes."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
