"""The index of the notes: title and text of every Markdown file in SQLite FTS5, kept fresh by time and size.

Only what changed since is read again. Links that leave the notes are left out, and so are hidden folders
(`.obsidian`, `.trash`).
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyagent.tools.cachedb import database, fts

_MOST_NOTES = 50_000
_MOST_BYTES = 1 << 20
_DEEPEST = 16
_RACY = 2_000_000_000
_VERSION = 1
_SCHEMA = """
CREATE TABLE notes(id INTEGER PRIMARY KEY, path TEXT UNIQUE NOT NULL, title TEXT NOT NULL, changed INTEGER NOT NULL,
                   size INTEGER NOT NULL);
CREATE VIRTUAL TABLE texts USING fts5(title, body, tokenize = 'unicode61 remove_diacritics 2')
"""
_FRONT = re.compile(r"\A(?:\ufeff)?---[ \t]*\r?\n(.*?)(?<=\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Note:
    """A note: its path below the notes folder, its title, and (of a search) the words around what was found."""

    path: str
    title: str
    snippet: str = ""

    @property
    def folder(self) -> str:
        """The folder inside the notes, "" for the notes folder itself."""
        return self.path.rpartition("/")[0]


class NoteIndex:
    """The index below `state` of the folder `notes`."""

    def __init__(self, state: Path, notes: Path, *, clock: Callable[[], int] = time.time_ns) -> None:
        self._path, self._notes, self._clock = state / "notes.db", notes, clock
        self.read = 0
        """How many files the last `refresh` read."""

    def refresh(self) -> None:
        """Bring the index up to date."""
        self.read, now = 0, self._clock()
        with database(self._path, _SCHEMA, _VERSION) as db:
            rows = db.execute("SELECT path, id, changed, size FROM notes")
            known = {path: (number, changed, size) for path, number, changed, size in rows}
            for path, status in markdown_files(self._notes):
                number, changed, size = known.pop(path, (None, -1, -1))
                if (changed, size) != (status.st_mtime_ns, status.st_size):
                    settled = now - status.st_mtime_ns > _RACY
                    self._put(db, number, path, status.st_mtime_ns if settled else -1, status.st_size)
            for number, _, _ in known.values():
                db.execute("DELETE FROM notes WHERE id = ?", (number,))
                db.execute("DELETE FROM texts WHERE rowid = ?", (number,))

    def notes(self) -> list[Note]:
        """Return every note, by path."""
        with database(self._path, _SCHEMA, _VERSION) as db:
            return [Note(*row) for row in db.execute("SELECT path, title FROM notes ORDER BY path")]

    def search(self, words: Sequence[str], *, every: bool = True, most: int = 50) -> list[Note]:
        """Return the notes with all of the words (or, without `every`, any), the best first."""
        query = (
            "SELECT path, notes.title, snippet(texts, 1, '', '', '…', 14) FROM texts JOIN notes "
            "ON notes.id = texts.rowid WHERE texts MATCH ? ORDER BY bm25(texts, 6.0, 1.0), path LIMIT ?"
        )
        with database(self._path, _SCHEMA, _VERSION) as db:
            return [Note(*row) for row in db.execute(query, (fts(list(words), every=every), most))]

    def _put(self, db: sqlite3.Connection, number: int | None, path: str, changed: int, size: int) -> None:
        self.read += 1
        try:
            with (self._notes / path).open("rb") as stream:
                text = stream.read(_MOST_BYTES).decode("utf-8", "replace")
        except OSError:
            text, changed = "", -1
        title, body = title_and_body(text)
        title = title or path.rpartition("/")[2].removesuffix(".md")
        if number is None:
            made = db.execute(
                "INSERT INTO notes(path, title, changed, size) VALUES (?, ?, ?, ?)",
                (path, title, changed, size),
            )
            number = made.lastrowid
        else:
            db.execute(
                "UPDATE notes SET title = ?, changed = ?, size = ? WHERE id = ?",
                (title, changed, size, number),
            )
            db.execute("DELETE FROM texts WHERE rowid = ?", (number,))
        db.execute("INSERT INTO texts(rowid, title, body) VALUES (?, ?, ?)", (number, title, body))


def title_and_body(text: str) -> tuple[str, str]:
    """Return the title in a note's front matter ("" where there is none) and the text after it."""
    front = _FRONT.match(text)
    if front is None:
        return "", text
    title = _TITLE.search(front[1])
    return (_scalar(title[1]) if title else ""), text[front.end() :]


def markdown_files(notes: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield every Markdown file below `notes`: its path there and its status. A missing folder has none."""
    root, left = notes.resolve(), _MOST_NOTES
    for entry, path in _walk(notes, "", 0):
        if not entry.name.endswith(".md") or left == 0:
            continue
        try:
            if entry.is_symlink() and root not in Path(entry.path).resolve().parents:
                continue
            if entry.is_file():
                left -= 1
                yield path, entry.stat()
        except (OSError, RuntimeError):
            continue


def sub_folders(notes: Path) -> list[str]:
    """Return the folders below `notes`, each by its path there; hidden ones and links are left out."""
    return [path for entry, path in _walk(notes, "", 0) if entry.is_dir(follow_symlinks=False)]


def _walk(folder: Path, below: str, depth: int) -> Iterator[tuple[os.DirEntry[str], str]]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(".") or not entry.name.isprintable():
            continue
        yield entry, f"{below}{entry.name}"
        if entry.is_dir(follow_symlinks=False) and depth < _DEEPEST:
            yield from _walk(folder / entry.name, f"{below}{entry.name}/", depth + 1)


def _scalar(value: str) -> str:
    """Return a YAML scalar of one line: plain, or in quotation marks."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        return re.sub(r'\\(["\\/])', r"\1", value[1:-1]).strip()
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'").strip()
    return value.split(" #")[0].strip()
