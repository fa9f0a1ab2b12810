"""One call over D-Bus and its answer, with errors as sentences. Used where the desktop is asked for something."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tinyagent.errors import ToolError

TIMEOUT = 5.0


class BusError(ToolError):
    """The bus, or the service on it, is not there or said no; `name` is the D-Bus name of the error, if any."""

    def __init__(self, text: str, name: str = "") -> None:
        super().__init__(text)
        self.name = name

    @property
    def short(self) -> str:
        """What happened, without the advice."""
        return str(self).rpartition(": ")[0]


def address(bus: str) -> str:
    """Return the address of the "session" or "system" bus: what the variable says, else the usual socket."""
    if bus == "system":
        return os.environ.get("DBUS_SYSTEM_BUS_ADDRESS") or "unix:path=/run/dbus/system_bus_socket"
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    return os.environ.get("DBUS_SESSION_BUS_ADDRESS") or f"unix:path={runtime}/bus"


@contextmanager
def connected(bus: str) -> Iterator[Any]:
    """Give a connection to the "session" or "system" bus; `BusError` where there is none."""
    from jeepney.io.blocking import open_dbus_connection

    try:
        connection = open_dbus_connection(address(bus))
    except Exception as error:  # no socket, a refused login, a wrong address: the library raises many kinds
        raise BusError(
            f"There is no D-Bus {bus} bus here ({error or type(error).__name__}): log in to a desktop session."
        ) from None
    with connection:
        yield connection


def call(
    connection: Any,
    service: str,
    path: str,
    interface: str,
    member: str,
    signature: str = "",
    body: tuple[Any, ...] = (),
    *,
    timeout: float = TIMEOUT,
) -> tuple[Any, ...]:
    """Return the body of the answer to a method call. Raises `BusError`."""
    from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call

    target = DBusAddress(path, bus_name=service, interface=interface)
    message = new_method_call(target, member, signature or None, body)
    try:
        reply = connection.send_and_get_reply(message, timeout=timeout)
    except Exception as error:
        raise BusError(
            f"{service} does not answer ({error or type(error).__name__}): is it running?"
        ) from None
    if reply.header.message_type is MessageType.error:
        name = str(reply.header.fields.get(HeaderFields.error_name, ""))
        said = " ".join(str(reply.body[0]).split())[:200] if reply.body else name
        raise BusError(f"{service} refused it ({said}): is it running, and may you use it?", name)
    return tuple(reply.body)


def get_property(connection: Any, service: str, path: str, interface: str, name: str) -> Any:
    """Return the value of a property. Raises `BusError`."""
    answer = call(
        connection, service, path, "org.freedesktop.DBus.Properties", "Get", "ss", (interface, name)
    )
    return answer[0][1]
