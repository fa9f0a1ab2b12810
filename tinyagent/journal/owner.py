"""Whether the process that started a call is still there: it holds the lock of a small file of its own.

A lock goes with its process, however that ends, and unlike a process number it is never given to another one.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tinyagent.tools.files import make_folder, store_error


class Owner:
    """The process as owner of the calls it starts; its file in `folder` is made when `token` is first read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._token = ""
        self._release: Callable[[], object] = lambda: None

    @property
    def token(self) -> str:
        """The name of this owner. Raises `StoreError` where its file cannot be made."""
        if not self._token:
            token = secrets.token_hex(8)
            path = _path(self.folder, token)
            make_folder(self.folder)
            try:
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise store_error(path, "locked", error) from None
            self._token, self._release = token, weakref.finalize(self, _release, path, descriptor)
        return self._token

    def close(self) -> None:
        """Let go of the lock: calls of this owner that have not ended count as interrupted."""
        self._release()
        self._token = ""


def is_there(folder: Path, token: str) -> bool:
    """Whether the owner `token` still lives; the file of one that does not is removed."""
    path = _path(folder, token)
    try:
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        with suppress(OSError):
            path.unlink()
        return False
    finally:
        os.close(descriptor)


def _path(folder: Path, token: str) -> Path:
    return folder / f"journal-{token}.lock"


def _release(path: Path, descriptor: int) -> None:
    with suppress(OSError):
        path.unlink()
    with suppress(OSError):
        os.close(descriptor)
