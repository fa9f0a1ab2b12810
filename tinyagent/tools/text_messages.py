"""Ways for a text message to leave: a paired phone (KDE Connect), a modem (ModemManager), both over D-Bus.

Each way says what it would send with before anything is sent, and is then either taken or not: a message that one
way failed to send is never tried by another, since it may have gone out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tinyagent.errors import ToolError
from tinyagent.tools.dbus import BusError, call, connected
from tinyagent.tools.phrases import join, short

SEND_TIMEOUT = 60.0
"""Seconds: a modem answers when the network has taken the message."""
_PHONE = "org.kde.kdeconnect"
_PHONES = "/modules/kdeconnect"
_MODEM = "org.freedesktop.ModemManager1"
_MODEMS = "/org/freedesktop/ModemManager1"
_ID = re.compile(r"[A-Za-z0-9_]{1,100}")
_UNKNOWN = frozenset(
    f"org.freedesktop.DBus.Error.{name}" for name in ("UnknownMethod", "InvalidArgs", "InvalidSignature")
)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to send: what it is called for people, and the function that sends to one number."""

    name: str
    send: Callable[[str, str], None]


@contextmanager
def by_phone(device: str = "") -> Iterator[Way | None]:
    """Give the paired phone at hand (`device`: its name or id where there are several), None where there is none.

    Raises `ToolError` where several phones are at hand and none is chosen.
    """
    with _bus("session", _PHONE) as connection:
        phone = None if connection is None else _choose(_phones(connection), device)
        if connection is None or phone is None:
            yield None
        else:
            path = f"{_PHONES}/devices/{phone[0]}/sms"
            yield Way(
                f"your phone {short(phone[1])}",
                lambda number, text: _by_phone(connection, path, number, text),
            )


@contextmanager
def by_modem() -> Iterator[Way | None]:
    """Give the first modem that can send messages, None where there is none."""
    with _bus("system", _MODEM) as connection:
        modems = [] if connection is None else _modems(connection)
        if connection is None or not modems:
            yield None
        else:
            yield Way(
                "this computer's modem", lambda number, text: _by_modem(connection, modems[0], number, text)
            )


@contextmanager
def _bus(bus: str, service: str) -> Iterator[Any]:
    """Give a connection to a bus on which `service` runs or can be started, None where that is not so."""
    try:
        opened = connected(bus)
        connection = opened.__enter__()
    except BusError:
        yield None
        return
    try:
        yield connection if _is_there(connection, service) else None
    finally:
        opened.__exit__(None, None, None)


def _is_there(connection: Any, service: str) -> bool:
    bus = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
    try:
        if call(connection, *bus, "NameHasOwner", "s", (service,))[0]:
            return True
        return service in call(connection, *bus, "ListActivatableNames")[0]
    except BusError:
        return False


def _phones(connection: Any) -> list[tuple[str, str]]:
    """Return id and name of the phones that are paired, in reach and send messages."""
    try:
        daemon = (_PHONE, _PHONES, f"{_PHONE}.daemon")
        names = call(connection, *daemon, "deviceNames", "bb", (True, True))[0]
        return [(one, names[one]) for one in sorted(names) if _ID.fullmatch(one) and _texts(connection, one)]
    except (BusError, AttributeError, TypeError, IndexError):
        return []


def _texts(connection: Any, device: str) -> bool:
    at = (_PHONE, f"{_PHONES}/devices/{device}", f"{_PHONE}.device")
    return bool(call(connection, *at, "hasPlugin", "s", ("kdeconnect_sms",))[0])


def _choose(phones: list[tuple[str, str]], device: str) -> tuple[str, str] | None:
    if device:
        wanted = device.casefold()
        return next((one for one in phones if wanted in (one[0].casefold(), one[1].casefold())), None)
    if len(phones) > 1:
        names = join([short(name) for _, name in phones[:6]], "or")
        raise ToolError(f"Several phones are at hand: set device in the table [messages] to {names}.")
    return phones[0] if phones else None


def _by_phone(connection: Any, path: str, number: str, text: str) -> None:
    at = (_PHONE, path, f"{_PHONE}.device.sms", "sendSms")
    addresses = [("(s)", (number,))]
    try:
        call(connection, *at, "avsav", (addresses, text, []), timeout=SEND_TIMEOUT)
    except BusError as error:
        if error.name not in _UNKNOWN:
            raise
        call(connection, *at, "ss", (number, text), timeout=SEND_TIMEOUT)  # before version 20


def _modems(connection: Any) -> list[str]:
    try:
        answer = call(connection, _MODEM, _MODEMS, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        objects = answer[0]
        return sorted(path for path, has in objects.items() if f"{_MODEM}.Modem.Messaging" in has)
    except (BusError, AttributeError, TypeError, IndexError):
        return []


def _by_modem(connection: Any, modem: str, number: str, text: str) -> None:
    messaging = (_MODEM, modem, f"{_MODEM}.Modem.Messaging")
    content = {"number": ("s", number), "text": ("s", text)}
    made = call(connection, *messaging, "Create", "a{sv}", (content,), timeout=SEND_TIMEOUT)[0]
    try:
        call(connection, _MODEM, made, f"{_MODEM}.Sms", "Send", timeout=SEND_TIMEOUT)
    except BusError:
        try:
            call(connection, *messaging, "Delete", "o", (made,))
        except BusError:
            pass  # it stays in the modem's memory, unsent; what went wrong is said already
        raise
