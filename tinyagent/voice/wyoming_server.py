"""A Wyoming service: what the daemon can do, for voice satellites and the Assist pipelines of Home Assistant.

    describe                        ─► info
    transcript                      ─► handled or not-handled     the command is done
    recognize                       ─► intent or not-recognized   it is only planned
    transcribe, audio-start … stop  ─► transcript                 what was said
    synthesize                      ─► audio-start … audio-stop   the words, spoken
    ping                            ─► pong

Wyoming knows no password: whoever reaches the address can command the assistant. So it is a Unix socket of the person,
or a port of this machine, unless `is_open`. Whatever a client sends or does, the others are served: what it asks for in
a wrong way is answered with an error, what is no event ends its connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import count

from tinyagent.errors import VoiceError
from tinyagent.tools.phrases import harmless
from tinyagent.voice import wyoming_wire as wire
from tinyagent.voice.control import own_socket
from tinyagent.voice.protocols import Synthesiser, Transcriber
from tinyagent.voice.worker import Worker
from tinyagent.voice.wyoming_client import Client, Engines
from tinyagent.voice.wyoming_events import Error
from tinyagent.voice.wyoming_handler import Handler

CLIENTS = 16
"""Connections at a time."""
_log = logging.getLogger(__name__)


async def serve(
    uri: str,
    handler: Handler,
    transcriber: Transcriber,
    synthesiser: Synthesiser,
    *,
    is_open: bool = False,
    clients: int = CLIENTS,
) -> Service:
    """Listen at `uri` (unix:///path or tcp://127.0.0.1:port; port 0: any) and return the running service.

    The engines are used on one thread each; of a voice that others use too it wants a `SharedSynthesiser`. Raises
    `VoiceError` for an address that cannot be had, and for one that others can reach without `is_open`.
    """
    address = checked(uri, is_open)
    service = Service(address, handler, transcriber, synthesiser, clients)
    await service.start()
    return service


def checked(uri: str, is_open: bool = False) -> wire.Address:
    """Return the address. Raises `VoiceError` as `serve` does."""
    address = wire.read_address(uri)
    if not (is_open or address.is_local):
        raise VoiceError(
            f"At {harmless(str(address))} anyone on the network could command the assistant: "
            "listen at tcp://127.0.0.1:10400, or set wyoming_open = true in the table [voice] if that is meant."
        )
    return address


class Service:
    """A server that listens; `address` is where. All methods belong to the event loop's thread."""

    def __init__(
        self,
        address: wire.Address,
        handler: Handler,
        transcriber: Transcriber,
        synthesiser: Synthesiser,
        clients: int = CLIENTS,
    ) -> None:
        self.address, self._handler, self._clients = address, handler, clients
        self._engines = Engines(transcriber, synthesiser, Worker("wyoming-asr"), Worker("wyoming-tts"))
        self._meetings: set[asyncio.Task[None]] = set()
        self._numbers: Iterator[int] = count(1)
        self._held = ExitStack()
        self._server: asyncio.Server | None = None

    @property
    def clients(self) -> int:
        """How many connections there are."""
        return len(self._meetings)

    async def start(self) -> None:
        """Begin to listen. Raises `VoiceError`."""
        try:
            if self.address.path is not None:
                listening = self._held.enter_context(own_socket(self.address.path))
                self._server = await asyncio.start_unix_server(self._accept, sock=listening, limit=wire.LINE)
            else:
                self._server = await self._listen(self.address.host, self.address.port)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Listen no more, end every connection and stop what is being done for it."""
        if self._server is not None:
            self._server.close()
        meetings = list(self._meetings)
        for meeting in meetings:
            meeting.cancel()
        await asyncio.gather(*meetings, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
        self._engines.close()
        self._held.close()

    async def _listen(self, host: str, port: int) -> asyncio.Server:
        try:
            server = await asyncio.start_server(self._accept, host, port, limit=wire.LINE)
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or "no such port"
            raise VoiceError(
                f"The daemon cannot listen at {harmless(str(self.address))} ({why}): "
                "set wyoming_listen to another address."
            ) from None
        taken = server.sockets[0].getsockname()[1]
        self.address = wire.Address(host=host, port=taken)
        return server

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        full = len(self._meetings) >= self._clients
        # A task of our own: that of the streams logs an error where it is cancelled.
        meeting = asyncio.create_task(self._meet(reader, writer, full))
        self._meetings.add(meeting)
        meeting.add_done_callback(self._meetings.discard)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, full: bool) -> None:
        """Serve one connection to its end."""
        name = ("connection", next(self._numbers))
        try:
            if full:
                await _send_away(reader, writer, Error("Too many are connected: try again later.", "busy"))
                return
            await Client(name, reader, writer, self._handler, self._engines).serve()
        except wire.MalformedError as error:
            await _send_away(reader, writer, Error(str(error), "malformed"))
        except OSError:
            pass  # it is gone, or takes nothing
        except Exception:
            _log.debug("a connection broke", exc_info=True)
        finally:
            self._handler.forget(name)
            await wire.shut(writer)


async def _send_away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, why: Error) -> None:
    """Say why a connection ends, and let that be read: closing with unread bytes would take it back."""
    with suppress(OSError, wire.MalformedError):
        await wire.write_event(writer, why)
        writer.write_eof()
        async with asyncio.timeout(wire.FAREWELL):
            while await reader.read(wire.LINE):
                pass
