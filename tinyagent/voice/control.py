"""The control socket: how a key of the desktop and `tinyagent listen --toggle` reach the daemon.

A Unix socket that only its owner can open. A request is a line of JSON, {"do": "toggle"}, and so is the answer to it:
{"ok": true, ...} or {"ok": false, "error": "..."}. What can be done is in `REQUESTS`. There is one daemon at a time: it
holds the lock beside the socket, so a socket that another one left behind is replaced.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tinyagent.errors import TinyAgentError, VoiceError
from tinyagent.settings import Settings
from tinyagent.tools.files import make_folder
from tinyagent.voice.daemon import Daemon, Press

NAME = "tinyagent-voice.sock"
REQUESTS = ("toggle", "cancel", "mute", "unmute", "status", "transcripts", "stop")
LONGEST = 4096
"""Bytes of a request."""
PATIENCE = 30.0
"""Seconds after which somebody who says nothing is sent away."""
_LONGEST_PATH = 100
"""Bytes of a socket's path that every system takes."""


class NoDaemonError(VoiceError):
    """No daemon runs."""


Handle = Callable[[str], Mapping[str, Any]]


def socket_path(settings: Settings, environment: Mapping[str, str]) -> Path:
    """Return where the socket lies: in the folder of the session, or else in the state folder.

    Raises `VoiceError` where that path is too long for a socket.
    """
    runtime = Path(environment.get("XDG_RUNTIME_DIR") or "-")
    own = runtime.is_absolute() and runtime.is_dir() and runtime.stat().st_uid == os.getuid()
    path = (runtime if own else settings.state) / NAME
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise VoiceError(f"The path {path} is too long for a socket: set XDG_RUNTIME_DIR to a shorter one.")
    return path


@contextmanager
def own_socket(path: Path) -> Iterator[socket.socket]:
    """Give the listening socket of the only daemon, and remove it afterwards.

    Raises `VoiceError` where another daemon runs, or something that is no socket has that name.
    """
    from filelock import FileLock, Timeout

    make_folder(path.parent)
    lock = FileLock(path.with_suffix(".lock"), timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise VoiceError("The voice daemon runs already: `tinyagent listen --stop` ends it.") from None
    except OSError as error:
        raise VoiceError(f"{path.parent} cannot be written: {error.strerror}.") from None
    try:
        listening = _bound(path)
        try:
            yield listening
        finally:
            listening.close()
            with suppress(OSError):
                path.unlink()
    finally:
        lock.release()


def _bound(path: Path) -> socket.socket:
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise VoiceError(f"{path} is in the way of the daemon's socket: move it away.")
        path.unlink()  # its daemon is gone, or we would not have the lock
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        made.bind(str(path))
    except OSError as error:
        made.close()
        raise VoiceError(f"The socket {path} cannot be made: {error.strerror}.") from None
    finally:
        os.umask(before)
    made.listen(8)
    made.setblocking(False)
    return made


async def serve(listening: socket.socket, handle: Handle) -> None:
    """Answer requests until cancelled."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if peer(writer.get_extra_info("socket")) == os.getuid():
                await _converse(reader, writer, handle)
        except (OSError, ValueError, asyncio.IncompleteReadError, TimeoutError):
            pass  # it is gone, or says something that is no line
        except asyncio.CancelledError:
            pass  # the daemon ends; asyncio would print a traceback for a conversation that is cut off
        finally:
            writer.close()

    server = await asyncio.start_unix_server(meet, sock=listening, limit=LONGEST)
    async with server:
        await server.serve_forever()


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handle: Handle) -> None:
    while True:
        async with asyncio.timeout(PATIENCE):
            line = await reader.readline()
        if not line:
            return
        writer.write(json.dumps(_answer(line, handle), ensure_ascii=False).encode() + b"\n")
        await writer.drain()


def _answer(line: bytes, handle: Handle) -> Mapping[str, Any]:
    try:
        request = json.loads(line)
        wish = request["do"]
        if wish not in REQUESTS:
            raise ValueError
    except (ValueError, KeyError, TypeError):
        return {"ok": False, "error": f'Say {{"do": …}} with one of {", ".join(REQUESTS)}.'}
    try:
        return {"ok": True, **handle(wish)}
    except TinyAgentError as error:
        return {"ok": False, "error": str(error)}


def peer(connection: Any) -> int:
    """Return the user at the other end of a Unix socket."""
    if sys.platform == "darwin":
        # struct xucred: version, user, ... (LOCAL_PEERCRED of level 0)
        found = connection.getsockopt(0, 1, 76)
        return int(struct.unpack_from("II", found)[1])
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", found)[1])


def handling(daemon: Daemon) -> Handle:
    """Return what answers the requests to a daemon."""

    def handle(wish: str) -> Mapping[str, Any]:
        if wish in ("mute", "unmute"):
            daemon.mute(wish == "mute")
        elif wish == "transcripts":
            said = [{"heard": r.heard, "text": r.text, "answer": r.answer} for r in daemon.records]
            return {"transcripts": said}
        elif wish != "status":
            daemon.press(Press(wish))
        return {
            "state": str(daemon.state),
            "muted": daemon.muted,
            "running": daemon.begun,
            "trouble": daemon.trouble,
            "pid": os.getpid(),
        }

    return handle


def ask(path: Path, wish: str, timeout: float = 5.0) -> dict[str, Any]:
    """Send a request to the daemon and return its answer.

    Raises `NoDaemonError` where none runs, `VoiceError` where it does not answer or says no.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect(str(path))
            if peer(connection) != os.getuid():
                raise VoiceError(f"The socket {path} belongs to somebody else: remove it.")
            connection.sendall(json.dumps({"do": wish}).encode() + b"\n")
            with connection.makefile("rb") as stream:
                answer: dict[str, Any] = json.loads(stream.readline())
        except (FileNotFoundError, ConnectionRefusedError):
            raise NoDaemonError("The voice daemon does not run: start it with `tinyagent listen`.") from None
        except (OSError, ValueError):
            raise VoiceError("The voice daemon does not answer: stop it and start it again.") from None
    if not answer.get("ok"):
        raise VoiceError(str(answer.get("error", "The voice daemon said no.")))
    return answer
