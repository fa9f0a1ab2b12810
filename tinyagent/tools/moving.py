"""Moving files without ever writing over another: what has the name already keeps it, the newcomer gets a number.

A move within one disk is one step; to another disk it is a copy beside its place, one step, and the removal of
the old one. A kill leaves the file at its old name, its new one, or both, never half of it.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tinyagent.errors import StoreError
from tinyagent.tools.files import store_error

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EACCES)
_LONGEST = 255


def move_to(source: Path, folder: Path) -> Path:
    """Move `source` into `folder` under its own name or the next free one; return where it is now.

    Raises `StoreError`, with nothing changed.
    """
    for name in free_names(source.name):
        target = folder / name
        try:
            rename_new(source, target)
            return target
        except FileExistsError:
            continue
        except OSError as error:
            raise store_error(source, "moved", error) from None
    raise AssertionError


def move_back(source: Path, target: Path, mark: Any) -> None:
    """Move `source` to exactly `target`; `StoreError` where either is not as `mark` left it."""
    if marked(source) != mark:
        raise StoreError(f"{source} was changed or moved since, so this cannot be undone: move it by hand.")
    try:
        rename_new(source, target)
    except FileExistsError:
        raise StoreError(f"There is another {target} now: move it away first.") from None
    except OSError as error:
        raise store_error(target, "put back", error) from None


def marked(path: Path) -> list[int] | None:
    """Return what tells whether a file is still the same: kind, and for a file size and time; None when gone."""
    try:
        status = path.lstat()
    except OSError:
        return None
    is_folder = os.path.isdir(path) and not path.is_symlink()
    return [1, 0, 0] if is_folder else [0, status.st_size, status.st_mtime_ns]


def rename_new(source: Path, target: Path) -> None:
    """Give `source` the name `target`; `FileExistsError` where that is taken, also if only just now."""
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, "exists", str(target))
    if source.is_dir() and not source.is_symlink():
        _rename_folder(source, target)
        return
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno == errno.EXDEV:
            _copy_over(source, target)
        elif error.errno in _NO_LINKS:
            _rename_reserved(source, target)
        else:
            raise
    else:
        os.unlink(source)


def free_names(name: str) -> Iterator[str]:
    """Yield `name`, then "name (2).ext", "name (3).ext" … within the length that a file system takes."""
    yield name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > 12:
        stem, dot, ending = name, "", ""
    number = 2
    while True:
        tail = f" ({number}){dot}{ending}"
        while len((stem + tail).encode("utf-8", "surrogateescape")) > _LONGEST:
            stem = stem[:-1]
        yield stem + tail
        number += 1


def _rename_folder(source: Path, target: Path) -> None:
    os.mkdir(target, 0o700)  # takes the name; a folder may then replace an empty one in one step
    try:
        os.rename(source, target)
    except OSError as error:
        with suppress(OSError):
            os.rmdir(target)
        if error.errno == errno.EXDEV:
            raise OSError(errno.EXDEV, "a folder cannot be moved to another disk; copy it by hand") from None
        raise


def _rename_reserved(source: Path, target: Path) -> None:
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        os.replace(source, target)
    except OSError:
        with suppress(OSError):
            os.unlink(target)
        raise


def _copy_over(source: Path, target: Path) -> None:
    copy = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        shutil.copy2(source, copy, follow_symlinks=False)
        if not copy.is_symlink():
            with open(copy, "rb") as stream:
                os.fsync(stream.fileno())
        try:
            os.link(copy, target, follow_symlinks=False)
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            _rename_reserved(copy, target)
        os.unlink(source)
    finally:
        with suppress(OSError):
            os.unlink(copy)
