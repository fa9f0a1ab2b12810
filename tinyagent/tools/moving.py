"""Moving files without ever writing over another: what has the name already keeps it, the newcomer gets a number.

A move within one disk is one step; to another disk it is a copy beside its place, one step, and the removal of
the old one. A kill leaves the file at its old name, its new one, or both, never half of it; `is_done` puts what
is at both back to the old one.
"""

from __future__ import annotations

import errno
import filecmp
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tinyagent.errors import StoreError
from tinyagent.tools.files import store_error
from tinyagent.tools.pending import remove_temporary

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EACCES)
_LONGEST = 255


def move_to(source: Path, folder: Path, keep: Callable[[Path], None] = lambda target: None) -> Path:
    """Move `source` into `folder` under its own name or the next free one; return where it is now.

    `keep` hears where it is going just before it goes. Raises `StoreError`, with nothing changed.
    """
    for name in free_names(source.name):
        target = folder / name
        if os.path.lexists(target):
            continue
        keep(target)
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


def restore(root: Path, data: Mapping[str, Any]) -> None:
    """Take a move back: `path` where it was, `now` where it is, its `mark`, and an `info` file that goes with it.

    Nothing to do where it is back already. Raises `StoreError` as `move_back` does.
    """
    if is_done(root, data) or marked(Path(data["path"])) != data["mark"]:
        move_back(Path(data["now"]), Path(data["path"]), data["mark"])
        _drop_info(data)


def is_done(root: Path, data: Mapping[str, Any]) -> bool:
    """Whether a move is there, as a whole: what a kill left at both places is put back."""
    path, now = Path(data["path"]), Path(data["now"])
    remove_temporary(now.parent)
    if marked(path) == data["mark"]:
        with suppress(OSError):
            _put_back(path, now)
        if not os.path.lexists(now):
            _drop_info(data)
        return False
    return os.path.lexists(now)


def _put_back(path: Path, now: Path) -> None:
    """Remove from its new place what is still at its old one too: its second name, its copy, or the place taken."""
    if not os.path.lexists(now):
        return
    one, other = path.lstat(), now.lstat()
    if path.is_dir() and not path.is_symlink():
        now.rmdir()  # which fails where there is something in it
    elif (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino):
        now.unlink()
    elif not now.is_symlink() and now.is_file():
        copied = one.st_dev != other.st_dev and marked(path) == marked(now) and filecmp.cmp(path, now, False)
        if copied or (not other.st_size and one.st_size):
            now.unlink()


def _drop_info(data: Mapping[str, Any]) -> None:
    if data.get("info"):
        with suppress(OSError):
            Path(data["info"]).unlink()


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
