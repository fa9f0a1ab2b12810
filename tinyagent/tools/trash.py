"""The trash of the desktop, as the freedesktop.org Trash specification 1.0 has it; file managers show the same.

`files/NAME` is the thing, `info/NAME.trashinfo` where it was and when it went. The info is written first and
takes the name, so that a kill leaves at most an info without a thing. What lies on another disk goes to the
trash of that disk (`.Trash/UID` where an administrator made one, else `.Trash-UID`). The Finder's trash is one
folder without infos; there the file is only moved.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tinyagent.errors import StoreError
from tinyagent.tools.changes import announce
from tinyagent.tools.files import store_error
from tinyagent.tools.moving import free_names, is_done, marked, move_to, rename_new, restore


def put(path: Path, home_trash: Path, now: datetime) -> dict[str, Any]:
    """Put a file or folder into the trash; return the data for `take_back`. Raises `StoreError`."""
    if sys.platform == "darwin":
        home_trash.mkdir(0o700, parents=True, exist_ok=True)
        there = move_to(path, home_trash, lambda there: _tell(path, there, None))
        return {"path": str(path), "trash": str(there), "info": None, "mark": marked(there)}
    try:
        trash, top = _trash_for(path, home_trash)
        for folder in (trash / "files", trash / "info"):
            folder.mkdir(0o700, parents=True, exist_ok=True)
        there, info = _into(path, trash, top, now)
    except OSError as error:
        raise store_error(path, "put into the trash", error) from None
    return {"path": str(path), "trash": str(there), "info": str(info), "mark": marked(there)}


def take_back(data: dict[str, Any]) -> None:
    """Put what `put` described back to where it was.

    Nothing to do where it is back already. Raises `StoreError`, with nothing changed, where it is no longer in the
    trash or its place is taken.
    """
    there, path = Path(data["trash"]), Path(data["path"])
    move = {**data, "now": data["trash"]}
    if not is_done(there.parent, move) and marked(path) == data["mark"]:
        return
    if marked(there) is None:
        raise StoreError(f"{path.name} is no longer in the trash: it cannot be put back.")
    if not path.parent.is_dir():
        raise StoreError(f"The folder {path.parent} is gone: make it again and try once more.")
    restore(there.parent, move)


def _tell(path: Path, there: Path, info: Path | None) -> None:
    """Have the journal know what is about to go into the trash."""
    move = {"path": str(path), "now": str(there), "mark": marked(path), "info": info and str(info)}
    announce("moved", there.parent, move)


def _into(path: Path, trash: Path, top: Path | None, now: datetime) -> tuple[Path, Path]:
    where = os.fsencode(path if top is None else path.relative_to(top))
    text = f"[Trash Info]\nPath={quote(where)}\nDeletionDate={now:%Y-%m-%dT%H:%M:%S}\n"
    # The info's name is longer than the thing's, and must fit as well.
    for name in free_names(_shortened(path.name)):
        info, there = trash / "info" / f"{name}.trashinfo", trash / "files" / name
        if os.path.lexists(info) or os.path.lexists(there):
            continue
        _tell(path, there, info)
        try:
            descriptor = os.open(info, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        try:
            with open(descriptor, "w", encoding="ascii") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            rename_new(path, there)
            return there, info
        except FileExistsError:
            info.unlink()  # a thing without an info has that name
        except BaseException:
            with suppress(OSError):
                info.unlink()
            raise
    raise AssertionError


def _shortened(name: str) -> str:
    """Return a name that leaves room for a number and ".trashinfo" in the 255 bytes of a file name."""
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > 12:
        stem, dot, ending = name, "", ""
    while len(f"{stem}{dot}{ending}".encode("utf-8", "surrogateescape")) > 230:
        stem = stem[:-1]
    return f"{stem}{dot}{ending}"


def _trash_for(path: Path, home_trash: Path) -> tuple[Path, Path | None]:
    """Return the trash for a path and, for the one of another disk, the top of that disk."""
    device = path.lstat().st_dev
    nearest = home_trash
    while not nearest.exists():
        nearest = nearest.parent
    if nearest.stat().st_dev == device:
        return home_trash, None
    top = path.parent
    while not os.path.ismount(top) and top.parent.stat().st_dev == device:
        top = top.parent
    shared = top / ".Trash"
    with suppress(OSError):
        status = shared.lstat()
        if stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX:
            return shared / str(os.getuid()), top
    own = top / f".Trash-{os.getuid()}"
    own.mkdir(0o700, exist_ok=True)
    status = own.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise StoreError(f"{own} is no trash of yours: move it away.")
    return own, top
