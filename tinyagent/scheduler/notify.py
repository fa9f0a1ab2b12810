"""Shows a notification on the desktop (org.freedesktop.Notifications); without one, a bell and a log line."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TextIO

TIMEOUT = 5.0
"""Seconds to wait for the desktop."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is shown. An `urgent` one stays until it is closed.

    `category` is "due" or "answer": by it people tell their desktop what to show and when.
    """

    title: str
    body: str
    urgent: bool = False
    category: str = "due"


_ICONS = {"due": "appointment-soon", "answer": "dialog-information"}


class DesktopError(Exception):
    """There is no desktop to show a notification on; the text says why."""


def show(notice: Notice, environment: Mapping[str, str] | None = None, stream: TextIO | None = None) -> str:
    """Show a notice where possible; return "desktop" or "terminal"."""
    try:
        show_on_desktop(notice, os.environ if environment is None else environment)
        return "desktop"
    except DesktopError as error:
        out = sys.stderr if stream is None else stream
        out.write(f"\a{_clean(notice.title)}: {_clean(notice.body)} [no desktop notification: {error}]\n")
        out.flush()
        return "terminal"


def show_on_desktop(notice: Notice, environment: Mapping[str, str]) -> int:
    """Send the notice over the session bus; return the number the desktop gave it. Raises `DesktopError`."""
    from jeepney import DBusAddress, MessageType, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    address = DBusAddress(
        "/org/freedesktop/Notifications",
        bus_name="org.freedesktop.Notifications",
        interface="org.freedesktop.Notifications",
    )
    hints = {
        "urgency": ("y", 2 if notice.urgent else 1),
        "category": ("s", f"x-tinyagent.{notice.category}"),
        "sound-name": ("s", "alarm-clock-elapsed" if notice.urgent else "message-new-instant"),
    }
    body: tuple[Any, ...] = (
        "tinyagent", 0, _ICONS[notice.category], _clean(notice.title), _escaped(_clean(notice.body)), [], hints,
        0 if notice.urgent else -1,
    )  # fmt: skip
    try:
        with open_dbus_connection(_bus(environment)) as connection:
            message = new_method_call(address, "Notify", "susssasa{sv}i", body)
            reply = connection.send_and_get_reply(message, timeout=TIMEOUT)
    except Exception as error:  # no socket, no answer, a refused login: the library raises many kinds
        raise DesktopError(str(error) or type(error).__name__) from None
    if reply.header.message_type is not MessageType.method_return:
        raise DesktopError(str(reply.body[0]) if reply.body else "the desktop refused it")
    return int(reply.body[0])


def _bus(environment: Mapping[str, str]) -> str:
    """Return the address of the session bus; the usual socket where no variable says it (started by cron)."""
    given = environment.get("DBUS_SESSION_BUS_ADDRESS", "")
    if given:
        return given
    runtime = environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    socket = os.path.join(runtime, "bus")
    if not os.path.exists(socket):
        raise DesktopError("no session bus")
    return f"unix:path={socket}"


def _clean(text: str) -> str:
    """Return the text on one line, without what a bus message or a terminal cannot carry."""
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() else " " for c in plain)[:1000]


def _escaped(text: str) -> str:
    """Escape the few characters that the body may use as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
