"""Files that hold a person's things: read whole, replaced whole, locked while they change.

A reader sees the file as it was or as it became, never half of it: a full disk, a pulled disk or a kill in
the middle leaves the old file in place. Every failure is a `StoreError` with a sentence for the person.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tinyagent.errors import StoreError

LOCK = ".tinyagent.lock"
"""Name of the lock file; hidden, so that programs which list `*.ics`, `*.vcf` or `*.md` pass it by."""

_REASONS = {
    errno.ENOSPC: "the disk is full; make room and try again",
    errno.EDQUOT: "your disk quota is used up; make room and try again",
    errno.EACCES: "its permissions do not allow it; change them and try again",
    errno.EPERM: "its permissions do not allow it; change them and try again",
    errno.EROFS: "the disk is read-only",
    errno.ENOTDIR: "a part of its path is a file, not a folder; move that file away",
    errno.EISDIR: "a folder has that name; move it away",
    errno.ENAMETOOLONG: "its name is too long; use a shorter one",
}


def store_error(path: Path, doing: str, error: OSError) -> StoreError:
    """Return the `StoreError` for a failed system call; `doing` is "read", "written", "removed"."""
    reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
    return StoreError(f"{path} cannot be {doing}: {reason}.")


def read_bytes(path: Path) -> bytes | None:
    """Return the content of `path`, None where there is no such file; `StoreError` when it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise store_error(path, "read", error) from None


def read_text(path: Path) -> str | None:
    """Return the UTF-8 text of `path`, None where there is no such file.

    Raises `StoreError` when it cannot be read or is not UTF-8: guessing would lose letters at the next write.
    """
    data = read_bytes(path)
    try:
        return None if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        raise StoreError(f"{path} is not UTF-8 text: convert it or move it away.") from None


def make_folder(folder: Path) -> None:
    """Create `folder` and its parents where missing; `StoreError` when that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise StoreError(f"{folder} is a file where a folder is needed: move it away.") from None
    except OSError as error:
        raise store_error(folder, "created", error) from None


def atomic_write(path: Path, data: bytes | str) -> None:
    """Make `data` the content of `path` (text as UTF-8), whole or not at all; parents are created.

    The mode of an existing file is kept; a new one is the owner's alone: these are personal things. A
    link stays a link: what it points to is replaced. Raises `StoreError`; the old content is then still in.
    """
    make_folder(path.parent)
    content = data.encode("utf-8") if isinstance(data, str) else data
    try:
        target = path.resolve() if path.is_symlink() else path
        # Short and hidden: a long file name must not make the temporary one too long.
        temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            _write_synced(temporary, content, _mode(target))
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise store_error(path, "written", error) from None


def remove(path: Path) -> None:
    """Remove the file `path`; one that is already gone is fine. Raises `StoreError`."""
    try:
        path.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except FileNotFoundError:
        return  # the folder is gone as well
    except OSError as error:
        raise store_error(path, "removed", error) from None


@contextmanager
def locked(folder: Path, timeout: float = 10) -> Iterator[None]:
    """Hold `folder` (created where missing) for one writer at a time, across threads and processes.

    Not re-entrant. Raises `StoreError` when another writer keeps it for `timeout` seconds, or when the
    lock file cannot be made.
    """
    from filelock import FileLock, Timeout  # brings in asyncio, which only a writer should wait for

    make_folder(folder)
    lock = FileLock(folder / LOCK, timeout=timeout)
    try:
        lock.acquire()
    except Timeout:
        raise StoreError(
            f"{folder} is being changed by another program for more than {timeout:g} seconds: try again."
        ) from None
    except OSError as error:
        raise store_error(folder, "locked", error) from None
    try:
        yield
    finally:
        lock.release()


def slug(name: str, fallback: str = "list") -> str:
    """Return `name` as one safe path component: letters, digits, "-" and "_", lower case, at most 60 long."""
    plain = unicodedata.normalize("NFC", name).casefold()
    return re.sub(r"[^\w]+", "-", plain)[:60].strip("-_") or fallback


def _mode(target: Path) -> int:
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        return 0o600


def _write_synced(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), mode)
    with open(descriptor, "wb") as stream:
        os.fchmod(descriptor, mode)  # the umask does not narrow a mode the file already had
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
