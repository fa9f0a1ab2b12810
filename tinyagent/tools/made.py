"""A file that a tool made anew, such as a picture of the screen: taken back while it is still as it was made."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinyagent.errors import ToolError
from tinyagent.tools.files import remove, store_error


def digest(path: Path) -> str:
    """Return the SHA-256 of a file. Raises `StoreError`."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise store_error(path, "read", error) from None


def is_done(root: Path, data: Mapping[str, Any]) -> bool:
    """Whether the file is there. `data` has its `path` and the `sha256` it was made with."""
    return os.path.lexists(data["path"])


def restore(root: Path, data: Mapping[str, Any]) -> None:
    """Remove the file; one that is gone is fine. Raises `ToolError` where it was changed since, `StoreError`."""
    path = Path(data["path"])
    if not os.path.lexists(path):
        return
    if path.is_symlink() or digest(path) != data["sha256"]:
        raise ToolError(f"{path} was changed since, so it stays: remove it by hand.")
    remove(path)
