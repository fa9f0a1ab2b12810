"""Opening a file or an address with the program that the desktop has for it; tests put their own in its place."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tinyagent.errors import ToolError

_PATIENCE = 2.0
"""Seconds in which an opener that finds no program says so; one that goes on longer has found one."""


def open_on_desktop(target: str) -> None:
    """Open an absolute path or an http(s), mailto, sms or geo address; `ToolError` where there is no desktop."""
    if not (target.startswith("/") or target.split(":", 1)[0] in ("http", "https", "mailto", "sms", "geo")):
        raise ToolError(f"{target} is neither a path nor an address that I open.")
    reason = unavailable()
    if reason:
        raise ToolError(reason)
    command = "open" if sys.platform == "darwin" else "xdg-open"
    try:
        process = subprocess.Popen(
            [command, target],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise ToolError(f"{command} cannot be started ({error.strerror}): reinstall it.") from None
    try:
        code = process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.returncode = 0  # it has become the program itself, which outlives us
        return
    if code:
        raise ToolError("No program opens it: set a default one in the desktop's settings.")


def unavailable() -> str | None:
    """Return why nothing can be opened here, None where it can."""
    if sys.platform == "darwin":
        return None
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "There is no desktop to open it on: log in to one."
    if shutil.which("xdg-open") is None:
        return "There is no xdg-open: install the package xdg-utils."
    return None
