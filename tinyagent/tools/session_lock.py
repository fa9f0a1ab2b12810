"""The lock of the person's session, by logind over the system bus."""

from __future__ import annotations

import os
from time import monotonic, sleep
from typing import Any

from tinyagent.errors import ToolError
from tinyagent.tools.dbus import BusError, call, connected, get_property

_LOGIND = "org.freedesktop.login1"
PATIENCE = 1.0
"""Seconds in which the desktop may say that it locked."""


def lock() -> bool:
    """Ask for the lock; return whether the desktop confirmed it. Raises `ToolError`."""
    with connected("system") as bus:
        path = _session(bus)
        call(bus, _LOGIND, path, f"{_LOGIND}.Session", "Lock")
        until = monotonic() + PATIENCE
        while not _locked(bus, path):
            if monotonic() > until:
                return False
            sleep(0.05)
    return True


def check() -> None:
    """Raise `ToolError` where there is no session to lock."""
    with connected("system") as bus:
        try:
            _locked(bus, _session(bus))
        except BusError as error:
            raise ToolError(
                f"There is no logind session to lock ({error.short}): log in to a desktop."
            ) from None


def _locked(bus: Any, path: str) -> bool:
    return bool(get_property(bus, _LOGIND, path, f"{_LOGIND}.Session", "LockedHint"))


def _session(bus: Any) -> str:
    own = os.environ.get("XDG_SESSION_ID")
    if not own:
        return "/org/freedesktop/login1/session/auto"
    manager = "/org/freedesktop/login1", f"{_LOGIND}.Manager"
    return str(call(bus, _LOGIND, *manager, "GetSession", "s", (own,))[0])
