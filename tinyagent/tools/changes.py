"""A set of file changes that happens whole or not at all, and the data that takes it back byte for byte.

A kill in the middle is a part of "not at all": before a file is touched, how it was goes to a hidden *pending*
file in the root, and whoever next changes something there (or calls `recover`) puts that back first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from tinyagent.errors import StoreError
from tinyagent.tools import pending
from tinyagent.tools.files import atomic_write, locked, make_folder, read_text, remove

Keep = Callable[[str, Path, Any], None]
_keep: ContextVar[Keep | None] = ContextVar("keep", default=None)


@contextmanager
def keeping(keep: Keep | None) -> Iterator[None]:
    """Tell `keep(store, root, undo)` of every change made in this block, just before it is final.

    It is called with the store locked, so in the order of the changes; where it raises, the change is taken back.
    """
    token = _keep.set(keep)
    try:
        yield
    finally:
        _keep.reset(token)


def announce(store: str, root: Path, undo: Any) -> None:
    """Tell whoever is `keeping` of a change; for stores that do not use `changing`."""
    keep = _keep.get()
    if keep is not None:
        keep(store, root, undo)


class Changes:
    """Changes to UTF-8 files below `root`, in order. Made by `changing`, which holds the lock."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._before: dict[Path, str | None] = {}
        self._after: dict[Path, str | None] = {}
        self._folders: list[Path] = []
        self._guard = pending.Guard(root)

    def write(self, path: Path, text: str) -> None:
        """Make `text` the content of `path`; missing folders are made. Raises `StoreError`."""
        self._make(path.parent)
        self._remember(path, text)
        atomic_write(path, text)
        self._after[path] = text

    def folder(self, path: Path) -> None:
        """Make a folder where it is missing, and those above it. Raises `StoreError`."""
        self._make(path)

    def remove(self, path: Path) -> None:
        """Remove `path`; absent is fine. Raises `StoreError`."""
        self._remember(path, None)
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
        try:
            for path, before in reversed(self._before.items()):
                if read_text(path) != before:
                    _put(path, before)
            _remove_empty(self._folders)
            self._guard.lift()
        except StoreError:
            self._guard.close()  # whoever changes something next tries again

    def finish(self) -> None:
        """Make the changes final: from here on a kill no longer takes them back."""
        if any(after != self._before[path] for path, after in self._after.items()):
            announce("files", self.root, self.undo())
        self._guard.lift()

    def _remember(self, path: Path, after: str | None) -> None:
        before = self._before[path] if path in self._before else read_text(path)
        self._guard.file(self._name(path), before, _digest(after))
        self._before[path] = before

    def _make(self, folder: Path) -> None:
        missing = []
        while not folder.exists() and folder != self.root:
            missing.append(folder)
            folder = folder.parent
        for parent in reversed(missing):
            self._guard.folder(self._name(parent))
            self._folders.append(parent)
            make_folder(parent)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


@contextmanager
def changing(root: Path) -> Iterator[Changes]:
    """Lock `root` and collect changes below it; an exception puts every file back. Raises `StoreError`."""
    with locked(root):
        _recover(root)
        changes = Changes(root)
        try:
            yield changes
            changes.finish()
        except BaseException:
            changes.roll_back()
            raise


def recover(roots: Iterable[Path]) -> None:
    """Put back what a killed process left half-changed below each of `roots`. Raises `StoreError`."""
    for root in roots:
        if pending.is_pending(root):
            with locked(root):
                _recover(root)


def restore(root: Path, data: dict[str, Any]) -> None:
    """Take back the changes that `Changes.undo` described; nothing to do where all is as it was before them.

    Raises `StoreError`, with nothing changed, when a file was changed by someone else since: their work is
    worth more than the undo.
    """
    with changing(root) as changes:
        files = [(_inside(root, entry["path"]), entry) for entry in data["files"]]
        if not _is_before(files):
            for path, entry in files:
                if _digest(read_text(path)) != entry["after"]:
                    raise StoreError(
                        f"{path} was changed since, so this cannot be undone: change it by hand."
                    )
            for path, entry in reversed(files):
                if entry["before"] is None:
                    changes.remove(path)
                else:
                    changes.write(path, entry["before"])
        folders = [_inside(root, name) for name in data["folders"]]
    _remove_empty(folders)


def is_done(root: Path, data: dict[str, Any]) -> bool:
    """Whether the changes that `Changes.undo` described are there, at least in part. Raises `StoreError`."""
    recover([root])
    return not _is_before([(_inside(root, entry["path"]), entry) for entry in data["files"]])


def _is_before(files: list[tuple[Path, dict[str, Any]]]) -> bool:
    return all(read_text(path) == entry["before"] for path, entry in files)


def _recover(root: Path) -> None:
    """Put back what is pending; the caller holds the lock."""
    left = pending.read(root)
    if left is None:
        return
    for name, before in reversed(left.files.items()):
        path = _inside(root, name)
        pending.remove_temporary(path.parent)
        now = read_text(path)
        if now != before and _digest(now) in left.written[name]:
            _put(path, before)
    _remove_empty([_inside(root, name) for name in left.folders])
    pending.lift(root)


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
