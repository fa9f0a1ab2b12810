"""A set of file changes that happens whole or not at all, and the data that takes it back byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tinyagent.errors import StoreError
from tinyagent.tools.files import atomic_write, locked, make_folder, read_text, remove


class Changes:
    """Changes to UTF-8 files below `root`, in order. Made by `changing`, which holds the lock."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._before: dict[Path, str | None] = {}
        self._after: dict[Path, str | None] = {}
        self._folders: list[Path] = []

    def write(self, path: Path, text: str) -> None:
        """Make `text` the content of `path`; missing folders are made. Raises `StoreError`."""
        self._remember(path)
        self._make(path.parent)
        atomic_write(path, text)
        self._after[path] = text

    def remove(self, path: Path) -> None:
        """Remove `path`; absent is fine. Raises `StoreError`."""
        self._remember(path)
        remove(path)
        self._after[path] = None

    def undo(self) -> dict[str, Any]:
        """Return JSON data for `restore`: each file's text before (None: absent) and a digest of it after."""
        return {
            "files": [
                {"path": self._name(path), "before": self._before[path], "after": _digest(after)}
                for path, after in self._after.items()
                if after != self._before[path]
            ],
            "folders": [self._name(folder) for folder in self._folders],
        }

    def roll_back(self) -> None:
        """Put everything back after a failure, as far as that goes; the failure itself is what is raised."""
        for path in reversed(self._after):
            with suppress(StoreError):
                _put(path, self._before[path])
        _remove_empty(self._folders)

    def _remember(self, path: Path) -> None:
        if path not in self._before:
            self._before[path] = read_text(path)

    def _make(self, folder: Path) -> None:
        missing = []
        while not folder.exists() and folder != self.root:
            missing.append(folder)
            folder = folder.parent
        for parent in reversed(missing):
            make_folder(parent)
            self._folders.append(parent)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


@contextmanager
def changing(root: Path) -> Iterator[Changes]:
    """Lock `root` and collect changes below it; an exception puts every file back. Raises `StoreError`."""
    with locked(root):
        changes = Changes(root)
        try:
            yield changes
        except BaseException:
            changes.roll_back()
            raise


def restore(root: Path, data: dict[str, Any]) -> None:
    """Take back the changes that `Changes.undo` described.

    Raises `StoreError`, with nothing changed, when a file was changed by someone else since: their work is
    worth more than the undo.
    """
    with changing(root) as changes:
        files = [(_inside(root, entry["path"]), entry) for entry in data["files"]]
        for path, entry in files:
            if _digest(read_text(path)) != entry["after"]:
                raise StoreError(f"{path} was changed since, so this cannot be undone: change it by hand.")
        for path, entry in reversed(files):
            if entry["before"] is None:
                changes.remove(path)
            else:
                changes.write(path, entry["before"])
        _remove_empty([_inside(root, name) for name in data["folders"]])


def _put(path: Path, text: str | None) -> None:
    if text is None:
        remove(path)
    else:
        atomic_write(path, text)


def _remove_empty(folders: list[Path]) -> None:
    for folder in reversed(folders):
        with suppress(OSError):  # someone put something into it since: it stays
            folder.rmdir()


def _digest(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode("utf-8")).hexdigest()


def _inside(root: Path, name: str) -> Path:
    path = root / name
    if ".." in path.parts or not path.is_relative_to(root):
        raise StoreError(f"{name} is not inside {root}: the journal entry is damaged.")
    return path
