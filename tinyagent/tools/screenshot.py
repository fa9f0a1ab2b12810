"""A picture of the screen: the desktop portal, else `grim` (Wayland), `scrot` (X11) or `screencapture` (Mac)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tinyagent.errors import ToolError
from tinyagent.tools.dbus import BusError, call, connected

PORTAL = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
PATIENCE = 60.0
"""Seconds for the person to allow the picture where the desktop asks."""
MOST_BYTES = 256 << 20


def take(target: Path) -> str:
    """Take a picture of the whole screen into the new file `target`; return what took it. Raises `ToolError`."""
    try:
        source = _by_portal()
    except BusError:
        return _by_program(target)
    _move(source, target)
    return "portal"


def program(target: Path) -> list[str] | None:
    """Return the command that takes the picture here, None where there is none."""
    if sys.platform == "darwin":
        choices = [["screencapture", "-x", str(target)]]
    else:
        choices = [["grim", str(target)]] if os.environ.get("WAYLAND_DISPLAY") else []
        choices += [["scrot", str(target)]] if os.environ.get("DISPLAY") else []
    return next((command for command in choices if shutil.which(command[0])), None)


def missing() -> str | None:
    """Return None where a picture can be taken, else the sentence that says what is missing."""
    if program(Path("x.png")):
        return None
    try:
        with connected("session") as bus:
            names = (call(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", member)[0]
                     for member in ("ListNames", "ListActivatableNames"))  # fmt: skip
            if any(PORTAL in listed for listed in names):
                return None
    except BusError:
        pass
    return _advice()


def _advice() -> str:
    if os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY"):
        return (
            "Nothing here can take a picture of the screen: "
            "install xdg-desktop-portal, grim (Wayland) or scrot (X11)."
        )
    return "There is no screen to take a picture of: run this in your graphical session."


def _by_program(target: Path) -> str:
    command = program(target)
    if command is None:
        raise ToolError(_advice())
    try:
        done = subprocess.run(command, capture_output=True, timeout=20, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        target.unlink(missing_ok=True)
        raise ToolError(
            f"{command[0]} did not take the picture ({type(error).__name__}): try again."
        ) from None
    if done.returncode or not target.is_file() or not target.stat().st_size:
        target.unlink(missing_ok=True)
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[:200] or "it gave no reason"
        raise ToolError(f"{command[0]} did not take the picture ({said}): try again on the desktop.")
    return command[0]


def _by_portal() -> Path:
    """Return the file that the portal made. `BusError` without a portal, `ToolError` where the person said no."""
    from jeepney import MatchRule, message_bus

    with connected("session") as bus:
        token = f"tinyagent{os.urandom(6).hex()}"
        sender = str(bus.unique_name)[1:].replace(".", "_")
        rule = MatchRule(
            type="signal", interface="org.freedesktop.portal.Request", member="Response",
            path=f"{_PATH}/request/{sender}/{token}",
        )  # fmt: skip
        bus.send_and_get_reply(message_bus.AddMatch(rule), timeout=5)
        with bus.filter(rule) as answers:
            options = {"handle_token": ("s", token), "interactive": ("b", False)}
            call(
                bus, PORTAL, _PATH, "org.freedesktop.portal.Screenshot", "Screenshot", "sa{sv}", ("", options)
            )
            try:
                message = bus.recv_until_filtered(answers, timeout=PATIENCE)
            except TimeoutError:
                raise ToolError(
                    "The desktop did not take the picture in time: allow it when it asks."
                ) from None
    return _file(*message.body[:2])


def _file(status: int, results: dict[str, Any]) -> Path:
    if status == 1:
        raise ToolError("The desktop was told not to take the picture: allow screenshots for this program.")
    parts = urlsplit(str(results.get("uri", ("s", ""))[1]))
    if status or parts.scheme != "file":
        raise BusError("the portal gave no picture")
    return Path(unquote(parts.path))


def _move(source: Path, target: Path) -> None:
    try:
        if not source.is_file() or source.stat().st_size > MOST_BYTES:
            raise OSError("no picture")
        shutil.move(source, target)
    except OSError as error:
        raise ToolError(
            f"The picture {source} cannot be moved to {target} ({error}): move it by hand."
        ) from None
