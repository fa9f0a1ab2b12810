"""Wyoming on the wire: events in and out of a stream, within limits, and the addresses that people write for it.

An event is a line of JSON, then as many bytes of data and of sound as that line says. The package's own reader takes
as many as it is told, and gets out of step with a line that is none. Here too much, or what is no event, is
`MalformedError`, and the connection is over: nothing after such a line is looked at, so a web page that makes a browser
post events to a port of this machine has said nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tinyagent.errors import VoiceError
from tinyagent.tools.phrases import harmless, short
from tinyagent.voice.wyoming_events import Event, Eventable, async_write_event

LINE = 1 << 16
"""Bytes of a header."""
DATA = 1 << 20
"""Bytes of an event's further data."""
PAYLOAD = 1 << 22
"""Bytes of sound in one event."""
IDLE = 600.0
"""Seconds that a connection may be silent between two events."""
STALLED = 30.0
"""Seconds for the rest of an event that has begun, and for the other side to take one."""
FAREWELL = 1.0
"""Seconds in which the other side can take the last of what was sent."""
_SCHEMES = "unix:///path/of/a.sock or tcp://127.0.0.1:10400"


class MalformedError(Exception):
    """What came is no event; `str(error)` says why."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service listens: `path` of a Unix socket, or `host` and `port`."""

    path: Path | None = None
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        if self.path is not None:
            return f"unix://{self.path}"
        return f"tcp://[{self.host}]:{self.port}" if ":" in self.host else f"tcp://{self.host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Whether nobody on another machine can reach it."""
        if self.path is not None:
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def read_address(uri: str) -> Address:
    """Return what a person wrote: unix:///path or tcp://host:port; "localhost" is 127.0.0.1.

    Raises `VoiceError` for anything else.
    """
    try:
        parts = urlsplit(uri.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise VoiceError(f"{_quoted(uri)} is no address: write it as {_SCHEMES}.") from None
    bare = not (parts.query or parts.fragment or parts.username)
    if parts.scheme == "unix" and bare and not parts.netloc and parts.path.startswith("/"):
        return Address(path=Path(parts.path))
    if parts.scheme == "tcp" and bare and host and port is not None and parts.path in ("", "/"):
        return Address(host="127.0.0.1" if host == "localhost" else host, port=port)
    raise VoiceError(f"{_quoted(uri)} is no address: write it as {_SCHEMES}.")


async def connect(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a connection to the service at an address. Raises `OSError`."""
    if address.path is not None:
        return await asyncio.open_unix_connection(address.path, limit=LINE)
    return await asyncio.open_connection(address.host, address.port, limit=LINE)


async def read_event(reader: asyncio.StreamReader, idle: float = IDLE) -> Event | None:
    """Return the next event, None where the other side has gone, also in the middle of one.

    Raises `MalformedError`, and `TimeoutError` where nothing begins within `idle` seconds or its rest does not come.
    """
    try:
        async with asyncio.timeout(idle):
            line = await reader.readline()
    except ValueError:
        raise MalformedError(f"The first line of an event has more than {LINE} bytes.") from None
    if not line.endswith(b"\n"):
        return None
    header = _object(line)
    kind, data = header.get("type"), header.get("data")
    if not isinstance(kind, str) or not isinstance(data, dict | None):
        raise MalformedError("An event needs a type, and its data must be an object.")
    try:
        async with asyncio.timeout(STALLED):
            more = await reader.readexactly(_length(header, "data_length", DATA))
            payload = await reader.readexactly(_length(header, "payload_length", PAYLOAD))
    except asyncio.IncompleteReadError:
        return None
    return Event(kind, {**(data or {}), **(_object(more) if more else {})}, payload or None)


async def write_event(writer: asyncio.StreamWriter, event: Eventable) -> None:
    """Send an event. Raises `OSError` where the other side has gone, `TimeoutError` where it does not take it."""
    async with asyncio.timeout(STALLED):
        await async_write_event(event.event(), writer)


async def shut(writer: asyncio.StreamWriter) -> None:
    """Close a connection, within a second."""
    writer.close()
    try:
        async with asyncio.timeout(FAREWELL):
            await writer.wait_closed()
    except OSError:
        pass  # it was broken already, or does not take what is left
    finally:
        writer.transport.abort()


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line.decode())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise MalformedError("An event is a line with a JSON object.")
    return found


def _length(header: Mapping[str, Any], name: str, most: int) -> int:
    length = header.get(name) or 0
    if type(length) is not int or not 0 <= length <= most:
        raise MalformedError(f"The {name} of an event must be a number from 0 to {most}.")
    return length


def _quoted(uri: str) -> str:
    return repr(harmless(short(uri)))
