"""A Maildir: its folders in both usual layouts, its newest mails, and new mails put into it.

`~/Maildir` with `.Drafts`, `.Sent` (Maildir++, as Dovecot has it) and `~/Mail` with `INBOX`, `Drafts` (as
mbsync and offlineimap make it) are both read; a folder that is missing is made in the layout that is there.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tinyagent.errors import StoreError
from tinyagent.tools.changes import changing
from tinyagent.tools.files import make_folder, store_error

PARTS = ("cur", "new", "tmp")
NEWEST = 3000
"""Mails that are looked at, counted from the newest."""
LARGEST = 40 << 20
MOST_FOLDERS = 200
DEEP = 3
_HEAD = 32 << 10
_BEGINNING = 256 << 10


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder of mails: its name for people, and where it lies."""

    name: str
    path: Path

    def is_called(self, *names: str) -> bool:
        """Whether its last name is one of `names`, whatever the case."""
        return self.name.rsplit("/", 1)[-1].casefold() in {name.casefold() for name in names}


@dataclass(frozen=True, slots=True)
class Stored:
    """One mail on disk. `seen` is whether it was read, `arrived` when its file was made."""

    path: Path
    folder: Folder
    seen: bool
    arrived: float


class Maildir:
    """The Maildir at `root`, which need not exist to be written to."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folders(self) -> list[Folder]:
        """Return the folders, the inbox first; none where there is no Maildir. Raises `StoreError`."""
        found: list[Folder] = []
        self._collect(self.root, "", found, DEEP)
        return sorted(found, key=lambda folder: (not folder.is_called("inbox"), folder.name))

    def folder(self, *names: str) -> Folder | None:
        """Return the first folder that is called one of `names`, tried in their order."""
        folders = self.folders()
        return next((one for name in names for one in folders if one.is_called(name)), None)

    def newest(self, folders: Iterable[Folder]) -> list[Stored]:
        """Return the mails of `folders`, the newest first, at most `NEWEST`. Raises `StoreError`."""
        found = [mail for folder in folders for mail in _stored(folder)]
        found.sort(key=lambda mail: mail.arrived, reverse=True)
        return found[:NEWEST]

    def add(self, name: str, text: str, now: datetime, zone: ZoneInfo, flags: str) -> tuple[Path, Any]:
        """Put a mail into the folder `name` and return its file, and what undoes it. Raises `StoreError`."""
        folder = self._place(name)
        path = folder / "cur" / _file_name(now, zone, flags)
        inbox = [self.root / part for part in PARTS] if folder.name.startswith(".") else []
        with changing(self.root) as changes:
            for one in (*inbox, *(folder / part for part in PARTS)):
                changes.folder(one)
            changes.write(path, text)
            undo = changes.undo()
        return path, undo

    def move(self, path: Path, name: str, flags: str) -> Path:
        """Move a mail to the folder `name` in one step, so that it is never in none; return its file.

        Raises `StoreError`.
        """
        folder = self._place(name)
        for part in PARTS:
            make_folder(folder / part)
        target = folder / "cur" / f"{path.name.partition(':')[0]}:2,{flags}"
        try:
            os.rename(path, target)
        except OSError as error:
            raise store_error(target, "written", error) from None
        return target

    def _place(self, name: str) -> Path:
        """Return where the folder `name` lies, or would lie."""
        known = self.folder(name)
        if known is not None:
            return known.path
        plus = (self.root / "cur").is_dir() or not self.folders()
        return self.root / (f".{name}" if plus else name)

    def _collect(self, folder: Path, name: str, found: list[Folder], deep: int) -> None:
        if len(found) >= MOST_FOLDERS:
            return
        if (folder / "cur").is_dir() and (folder / "new").is_dir():
            found.append(Folder(name or "INBOX", folder))
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except FileNotFoundError:
            return
        except OSError as error:
            raise store_error(folder, "read", error) from None
        for entry in entries:
            if deep and entry.name not in PARTS and entry.is_dir(follow_symlinks=False):
                plain = entry.name.lstrip(".").removeprefix("INBOX.").replace(".", "/")
                self._collect(Path(entry.path), f"{name}/{plain}" if name else plain, found, deep - 1)


def read_head(path: Path) -> Message | None:
    """Return the headers of a mail, None where it is gone or cannot be read."""
    data = _read(path, _HEAD)
    return None if data is None else _parsed(data, headers_only=True)


def read_beginning(path: Path) -> Message | None:
    """Return a mail as far as its first `_BEGINNING` bytes go, None where it is gone or cannot be read."""
    data = _read(path, _BEGINNING)
    return None if data is None else _parsed(data, headers_only=False)


def read_mail(path: Path) -> Message:
    """Return a whole mail. Raises `StoreError` where it is gone or cannot be read."""
    data = _read(path, LARGEST + 1)
    if data is None or len(data) > LARGEST:
        raise StoreError(
            f"{path} cannot be read, or is larger than {LARGEST >> 20} MiB: open it in your mail program."
        )
    message = _parsed(data, headers_only=False)
    if message is None:
        raise StoreError(f"{path} cannot be understood: open it in your mail program.")
    return message


def _parsed(data: bytes, *, headers_only: bool) -> Message | None:
    try:
        return BytesParser().parsebytes(data, headersonly=headers_only)
    except (
        Exception
    ):  # mails come from anybody, and the parser of thousandfold nested ones gives up in many ways
        return None


def _read(path: Path, most: int) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        with open(descriptor, "rb") as stream:
            return stream.read(most) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    except OSError:
        return None


def _stored(folder: Folder) -> Iterable[Stored]:
    for part in ("new", "cur"):
        try:
            entries = list(os.scandir(folder.path / part))
        except OSError as error:
            raise store_error(folder.path / part, "read", error) from None
        for entry in entries:
            if entry.name.startswith("."):
                continue
            flags = entry.name.partition(":2,")[2] if part == "cur" else ""
            try:
                if "T" not in flags and entry.is_file(follow_symlinks=False):
                    yield Stored(Path(entry.path), folder, "S" in flags, entry.stat().st_mtime)
            except OSError:
                continue  # another program moved it since


def _file_name(now: datetime, zone: ZoneInfo, flags: str) -> str:
    seconds = int(now.replace(tzinfo=zone).timestamp())
    return f"{seconds}.{secrets.token_hex(8)}.tinyagent:2,{flags}"
