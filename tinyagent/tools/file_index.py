"""The index of the allowed roots: names, kinds and times of files, in SQLite with FTS5, kept fresh by a scan.

A scan looks at every folder once and lists only those that changed since (an entry came, went or got another
name); a deep scan lists all, for a file written in place changes no folder. Hidden things, links out of the
roots and folders of programs' own files are left out.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tinyagent.grounding.names import Names, tokens, word_forms
from tinyagent.tools.cachedb import database, fts
from tinyagent.tools.file_kinds import kind_of
from tinyagent.tools.roots import Root

MOST_FILES = 200_000
_DEEPEST = 32
_LEFT_OUT = frozenset({"node_modules", "__pycache__", "site-packages", "lost+found"})
_RACY = 2_000_000_000
"""Nanoseconds: a folder that changed so shortly before it was listed may change again within one tick."""
_VERSION = 1
_SCHEMA = """
CREATE TABLE folders(path TEXT PRIMARY KEY, parent TEXT NOT NULL, changed INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX folders_parent ON folders(parent);
CREATE TABLE entries(id INTEGER PRIMARY KEY, path TEXT UNIQUE NOT NULL, parent TEXT NOT NULL, kind TEXT NOT NULL,
                   changed INTEGER NOT NULL);
CREATE INDEX entries_parent ON entries(parent);
CREATE VIRTUAL TABLE names USING fts5(name, place, tokenize = 'unicode61')
"""


@dataclass(frozen=True, slots=True)
class Found:
    """One file or folder of the index; `changed` is its time in nanoseconds since 1970."""

    path: str
    kind: str
    changed: int


@dataclass(slots=True)
class Effort:
    """What a scan did: folders and files looked at (stat), folders listed, rows written."""

    looked: int = 0
    listed: int = 0
    written: int = 0


class FileIndex:
    """The index below `state`; safe to use from several threads and processes."""

    def __init__(
        self, state: Path, roots: Sequence[Root], *, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self._path, self._roots, self._clock = state / "files.db", list(roots), clock
        self.effort = Effort()

    def refresh(self, *, deep: bool = False) -> Effort:
        """Bring the index up to date; return what that took."""
        self.effort = Effort()
        with database(self._path, _SCHEMA, _VERSION) as db:
            _Scan(db, self._roots, self._clock(), self.effort, deep).run()
        return self.effort

    def files(self) -> list[str]:
        """Return the paths of all files, the newest first."""
        return [
            found.path
            for found in self._select("SELECT path, kind, changed FROM entries WHERE kind != 'folder'")
        ]

    def folders(self) -> list[str]:
        """Return the paths of all folders, a root also under its usual name ("Downloads<tab>/home/…")."""
        with database(self._path, _SCHEMA, _VERSION) as db:
            known = [row[0] for row in db.execute("SELECT path FROM folders ORDER BY length(path), path")]
        aliases = [f"{root.name}\t{root.path}" for root in self._roots if root.name != root.path.name]
        return [*aliases, *known]

    def search(
        self, words: Sequence[str], kind: str | None = None, between: tuple[datetime, datetime] | None = None
    ) -> list[Found]:
        """Return what has all the words in its name or its folder's, best first; all of it for no words.

        Where nothing has, names that are nearly so. `between` are aware datetimes, the last exclusive.
        """
        low, high = (int(moment.timestamp() * 1e9) for moment in between) if between else (0, 1 << 62)
        bounds = (kind, kind, low, high)
        where = "(? IS NULL OR kind = ?) AND changed >= ? AND changed < ?"
        if not words:
            return self._select(f"SELECT path, kind, changed FROM entries WHERE {where}", bounds)
        found = self._select(
            f"SELECT path, kind, changed FROM entries JOIN names ON names.rowid = entries.id WHERE {where} "
            "AND names MATCH ? ORDER BY bm25(names, 4.0, 1.0), changed DESC LIMIT 500",
            (*bounds, fts(list(words))),
        )
        if found:
            return found
        every = self._select(f"SELECT path, kind, changed FROM entries WHERE {where}", bounds)
        names = Names([one.path.rpartition("/")[2] for one in every])
        return [every[n] for n in names.match(words, 4)]

    def _select(self, query: str, values: tuple[object, ...] = ()) -> list[Found]:
        ordered = query if "ORDER BY" in query else f"{query} ORDER BY changed DESC, path"
        with database(self._path, _SCHEMA, _VERSION) as db:
            return [Found(*row) for row in db.execute(ordered, values)]


class _Scan:
    def __init__(
        self, db: sqlite3.Connection, roots: Sequence[Root], now: int, effort: Effort, deep: bool
    ) -> None:
        self.db, self.roots, self.now, self.effort, self.deep = db, roots, now, effort, deep
        self.known: dict[str, int] = dict(db.execute("SELECT path, changed FROM folders"))
        self.seen: set[str] = set()
        self.count: int = db.execute("SELECT count(*) FROM entries").fetchone()[0]

    def run(self) -> None:
        for root in self.roots:
            self._folder(str(root.path), "", 0)
        for gone in self.known.keys() - self.seen:
            self.db.execute("DELETE FROM folders WHERE path = ?", (gone,))
            self._forget("parent", gone)

    def _folder(self, path: str, parent: str, depth: int) -> None:
        if path in self.seen or depth > _DEEPEST:
            return
        self.effort.looked += 1
        try:
            changed = os.stat(path, follow_symlinks=False).st_mtime_ns
        except OSError:
            return  # gone meanwhile, or not ours to read
        self.seen.add(path)
        if not self.deep and self.known.get(path) == changed:
            inner = [row[0] for row in self.db.execute("SELECT path FROM folders WHERE parent = ?", (path,))]
        else:
            inner = self._list(path)
            settled = changed if self.now - changed > _RACY else -1
            if self.known.get(path) != settled:
                self.effort.written += 1
                self.db.execute("INSERT OR REPLACE INTO folders VALUES (?, ?, ?)", (path, parent, settled))
        for one in inner:
            self._folder(one, path, depth + 1)

    def _list(self, path: str) -> list[str]:
        """Bring the rows of one folder up to date; return its sub-folders."""
        self.effort.listed += 1
        query = "SELECT path, kind, changed FROM entries WHERE parent = ?"
        known = {row[0]: (row[1], row[2]) for row in self.db.execute(query, (path,))}
        there: dict[str, tuple[str, int]] = {}
        inner = []
        for entry, status in self._entries(path):
            if stat.S_ISDIR(status.st_mode):
                inner.append(entry.path)
                there[entry.path] = ("folder", status.st_mtime_ns)
            elif stat.S_ISREG(status.st_mode):
                there[entry.path] = (kind_of(entry.name), status.st_mtime_ns)
        for gone in known.keys() - there.keys():
            self._forget("path", gone)
        for name, (kind, changed) in there.items():
            if name not in known:
                self._add(name, path, kind, changed)
            elif known[name] != (kind, changed):
                self.effort.written += 1
                self.db.execute(
                    "UPDATE entries SET kind = ?, changed = ? WHERE path = ?", (kind, changed, name)
                )
        return inner

    def _entries(self, path: str) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    # What does not print, or is no UTF-8, is no name that a person says.
                    if entry.name.startswith(".") or entry.name in _LEFT_OUT or not entry.name.isprintable():
                        continue
                    self.effort.looked += 1
                    try:
                        if entry.is_symlink() and not self._inside(entry.path):
                            continue
                        yield entry, entry.stat()
                    except (OSError, RuntimeError):  # gone meanwhile, or a link that leads to itself
                        continue
        except OSError:
            return

    def _inside(self, path: str) -> bool:
        """Whether a link leads to a file under a root; folders are found where they really are."""
        real = Path(path).resolve()
        return not real.is_dir() and any(root.path in real.parents for root in self.roots)

    def _add(self, path: str, parent: str, kind: str, changed: int) -> None:
        if self.count >= MOST_FILES:
            return
        self.count += 1
        self.effort.written += 1
        row = self.db.execute(
            "INSERT INTO entries(path, parent, kind, changed) VALUES (?, ?, ?, ?)",
            (path, parent, kind, changed),
        ).lastrowid
        place = " ".join(tokens(" ".join(parent.rsplit("/", 2)[-2:])))
        name = " ".join(sorted(word_forms(path.rpartition("/")[2])))
        self.db.execute("INSERT INTO names(rowid, name, place) VALUES (?, ?, ?)", (row, name, place))

    def _forget(self, column: str, value: str) -> None:
        ids = [row[0] for row in self.db.execute(f"SELECT id FROM entries WHERE {column} = ?", (value,))]
        for row in ids:
            self.db.execute("DELETE FROM names WHERE rowid = ?", (row,))
            self.db.execute("DELETE FROM entries WHERE id = ?", (row,))
        self.count -= len(ids)
        self.effort.written += len(ids)
