"""The commands that were entered, kept in a file that several running programs share: one JSON string a line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread

from tinyagent.errors import StoreError
from tinyagent.tools.files import atomic_write, locked, store_error
from tinyagent.tui.wording import LIMIT, cleaned

NAME = "prompt_history.jsonl"
"""Name of the file in the state folder."""
MOST = 1000
"""Commands that are kept, the newest."""
_LARGEST = 4 * LIMIT * MOST
"""Bytes that are read from the end of the file; more can only be there where somebody else wrote it."""
_PATIENCE = 5.0
"""Seconds to wait for another program that is writing."""
_NEAR = 75.0
_COMPARED = 200
"""Characters of a command that are compared where slips are forgiven, which takes time."""


class History:
    """Reads and writes in a thread, so that no method waits for the disk, and none raises.

    A command is there at once for whoever asks, and in the file soon after. Where the file cannot be read or
    written, `problem` is the sentence that says why; the commands are then kept for this session, and written
    with the next one where that works.
    """

    def __init__(self, path: Path, most: int = MOST) -> None:
        self.problem = ""
        self._path, self._most = path, most
        self._stored: list[str] = []
        self._pending: list[str] = []
        self._guard = Lock()
        self._asked = 0
        self._thread: Thread | None = None

    @property
    def entries(self) -> list[str]:
        """All commands known now, the oldest first, each once."""
        with self._guard:
            return _kept([*self._stored, *self._pending], self._most)

    def load(self) -> None:
        """Begin to read the file."""
        self._begin(())

    def add(self, command: str) -> None:
        """Remember a command as the newest."""
        words = cleaned(command).strip()[:LIMIT]
        if words:
            self._begin((words,))

    def close(self, patience: float = 2.0) -> None:
        """Wait up to `patience` seconds until all is written."""
        with self._guard:
            thread = self._thread
        if thread is not None:
            thread.join(patience)

    def _begin(self, new: Iterable[str]) -> None:
        with self._guard:
            self._pending += new
            self._asked += 1
            if self._thread is None:
                # A disk that hangs must not keep the program from ending.
                self._thread = Thread(target=self._work, daemon=True, name="history")
                self._thread.start()

    def _work(self) -> None:
        answered = 0
        while True:
            with self._guard:
                if answered == self._asked:
                    self._thread = None
                    return
                answered, new = self._asked, list(self._pending)
            stored, problem = None, ""
            try:
                stored = self._written(new) if new else _read(self._path)
            except StoreError as error:
                problem = str(error)
            with self._guard:
                self.problem = problem
                if stored is not None:
                    self._stored = _kept(stored, self._most)
                    del self._pending[: len(new)]

    def _written(self, new: Sequence[str]) -> list[str]:
        """Put commands behind those of the file, which another program may have changed; return them all."""
        with locked(self._path.parent, _PATIENCE):
            entries = _kept([*_read(self._path), *new], self._most)
            lines = (json.dumps(entry, ensure_ascii=False) for entry in entries)
            with suppress(OSError):  # there is none yet
                self._path.chmod(0o600)
            atomic_write(self._path, "".join(f"{line}\n" for line in lines))
        return entries


class Walk:
    """A walk through commands with Up and Down: what was unfinished waits at its end, changes on the way are kept."""

    def __init__(self, entries: Sequence[str]) -> None:
        self._lines = [*entries, ""]
        self._at = len(self._lines) - 1

    def step(self, by: int, text: str) -> str | None:
        """Return the command `by` steps on (-1: the older one), None at the ends; `text` is what stands there now."""
        if not 0 <= self._at + by < len(self._lines):
            return None
        self._lines[self._at] = text
        self._at += by
        return self._lines[self._at]


def continued(entries: Sequence[str], text: str) -> str:
    """Return how the newest command that begins with `text` goes on, "" where none does."""
    if not text.strip() or "\n" in text:
        return ""
    begun = text.casefold()
    for entry in reversed(entries):
        if len(entry) > len(text) and "\n" not in entry and entry[: len(text)].casefold() == begun:
            return entry[len(text) :]
    return ""


def search(entries: Sequence[str], query: str) -> list[str]:
    """Return the commands that contain all the words of `query`, the newest first; where none does, those nearly so."""
    words = query.casefold().split()
    newest = entries[::-1]
    found = [entry for entry in newest if all(word in entry.casefold() for word in words)]
    if found or len(query.strip()) < 3:
        return found
    from rapidfuzz import fuzz, process

    folded = [entry[:_COMPARED].casefold() for entry in newest]
    near = process.extract(" ".join(words), folded, scorer=fuzz.partial_ratio, score_cutoff=_NEAR, limit=20)
    return [newest[at] for _, _, at in near]


def _kept(entries: Iterable[str], most: int) -> list[str]:
    """Return the newest of the commands, each once, where it was entered last."""
    return list(dict.fromkeys(reversed(list(entries))))[:most][::-1]


def _read(path: Path) -> list[str]:
    """Return every command that can be read, the oldest first; `StoreError` where the file itself cannot be."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _LARGEST))
            lines = stream.read(_LARGEST).split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise store_error(path, "read", error) from None
    return [entry for entry in map(_command, lines) if entry]


def _command(line: bytes) -> str:
    """Return the command of a line, "" where there is none in it."""
    try:
        found = json.loads(line.decode("utf-8")) if line.lstrip()[:1] == b'"' else ""
    except ValueError:
        return ""
    return cleaned(found).strip()[:LIMIT]
