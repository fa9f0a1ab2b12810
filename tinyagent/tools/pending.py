"""The pending file: how things were before a set of changes, there from before the first until after the last.

One JSON line for each write, removal and new folder, synced before that happens. A line that a kill cut off
guards nothing yet, so it is passed over. What somebody else changed after the kill is theirs, and stays.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tinyagent.errors import StoreError
from tinyagent.tools.files import make_folder, read_bytes, remove, store_error

FILE = ".tinyagent.pending"
_TEMPORARY = re.compile(r"\.[0-9a-f]{16}\.tmp")


@dataclass(slots=True)
class Pending:
    """What a killed change had touched: the text of each file before (None: absent), and folders it made.

    `written` has the digests of what it may have made of each file (None: removed).
    """

    files: dict[str, str | None] = field(default_factory=dict)
    written: dict[str, set[str | None]] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)


class Guard:
    """Writes the pending file of `root`, from the first touch on; the caller holds the lock of `root`."""

    def __init__(self, root: Path) -> None:
        self._path = root / FILE
        self._stream: IO[bytes] | None = None

    def file(self, name: str, before: str | None, after: str | None) -> None:
        """Remember the text of a file that is about to get the digest `after`. Raises `StoreError`."""
        self._append({"path": name, "before": before, "after": after})

    def folder(self, name: str) -> None:
        """Remember a folder that is about to be made. Raises `StoreError`."""
        self._append({"folder": name})

    def lift(self) -> None:
        """Forget: the changes are whole, or put back. Raises `StoreError`."""
        if self._stream is not None:
            self.close()
            remove(self._path)

    def close(self) -> None:
        """Close the file and leave it to whoever comes next."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _append(self, line: dict[str, str | None]) -> None:
        try:
            if self._stream is None:
                make_folder(self._path.parent)
                descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                self._stream = open(descriptor, "wb")
            self._stream.write(json.dumps(line).encode("ascii") + b"\n")
            self._stream.flush()
            # The folder needs no sync: file systems keep the order of names, and this one is older than what it guards.
            os.fsync(self._stream.fileno())
        except OSError as error:
            raise store_error(self._path, "written", error) from None


def is_pending(root: Path) -> bool:
    """Whether a change below `root` is going on, or was cut off."""
    return (root / FILE).exists()


def read(root: Path) -> Pending | None:
    """Return what is pending below `root`, None for nothing; `StoreError` for a file that is none of ours."""
    data = read_bytes(root / FILE)
    if data is None:
        return None
    left = Pending()
    for line in data.split(b"\n")[:-1]:
        try:
            entry = json.loads(line)
            if "folder" in entry:
                left.folders.append(str(entry["folder"]))
            else:
                name, before, after = (entry[key] for key in ("path", "before", "after"))
                left.files.setdefault(name, before)
                left.written.setdefault(name, set()).add(after)
        except (ValueError, TypeError, KeyError):
            raise StoreError(
                f"{root / FILE} is damaged: look at the files beside it, then move it away."
            ) from None
    return left


def lift(root: Path) -> None:
    """Remove the pending file of `root`. Raises `StoreError`."""
    remove(root / FILE)


def remove_temporary(folder: Path) -> None:
    """Remove the temporary files that a kill left in `folder`."""
    with suppress(OSError):
        for path in folder.iterdir():
            if _TEMPORARY.fullmatch(path.name):
                path.unlink(missing_ok=True)
