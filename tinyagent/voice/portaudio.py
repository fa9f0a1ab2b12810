"""PortAudio, tamed: quiet on standard error, one call at a time, never on the event loop, and able to look anew.

PortAudio finds the devices once, when it is initialised. `refresh` does that again, for a daemon that lives for weeks;
recordings that run are closed and opened around it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

from tinyagent.errors import MissingExtraError, VoiceError

PATIENCE = 10.0
"""Seconds that opening a device may take; a sound server that hangs answers never."""
CLOSING = 1.0
"""Seconds that closing one is waited for; after that it goes on without us."""

lock = threading.RLock()
"""Held while a stream is opened or closed: PortAudio takes one such call at a time."""

_T = TypeVar("_T")
_NOISE = (b"ALSA lib", b"Expression '", b"jack ", b"Jack", b"JACK", b"Cannot connect to server", b"connect(2) call",
          b"attempt to connect to server failed", b"PaHost", b"PaAlsa")  # fmt: skip


class Live(Protocol):
    """A stream that is open."""

    pausable: bool
    """Whether it may be closed and opened again in the middle: a recording may, a sound that is heard may not."""

    def pause(self) -> None:
        """Close the stream for a moment."""
        ...

    def resume(self) -> None:
        """Open it again; a failure is for the stream's owner to hear of."""
        ...


_live: set[Live] = set()


def library() -> Any:
    """Return the module sounddevice. Raises `MissingExtraError` or, without PortAudio, `VoiceError`."""
    with lock, quiet():
        os.environ.setdefault("JACK_NO_START_SERVER", "1")  # finding the devices must not start a server
        try:
            import sounddevice
        except ImportError:
            raise MissingExtraError("voice", "sounddevice") from None
        except OSError:
            raise VoiceError(
                "The library PortAudio is missing: install it, on Debian and Ubuntu with "
                "`sudo apt-get install libportaudio2`."
            ) from None
        except Exception as error:  # sounddevice's own error has no name before the import is through
            raise VoiceError(f"PortAudio does not start ({error}): restart the sound server.") from None
        _silence_alsa()
    return sounddevice


def refresh() -> bool:
    """Find the devices anew; false where a sound is being played, which this would cut off."""
    sounddevice = library()
    with lock, quiet():
        if not all(stream.pausable for stream in _live):
            return False
        for stream in _live:
            stream.pause()
        try:
            # Private names: there is no public way.
            while sounddevice._initialized:
                sounddevice._terminate()
            sounddevice._initialize()
        except sounddevice.PortAudioError as error:
            raise VoiceError(f"PortAudio does not start ({error}): restart the sound server.") from None
        finally:
            for stream in _live:
                stream.resume()
    return True


def enter(stream: Live) -> None:
    """Count a stream as open."""
    with lock:
        _live.add(stream)


def leave(stream: Live) -> None:
    """Count it as closed."""
    with lock:
        _live.discard(stream)


def idle() -> bool:
    """Return whether no stream is open."""
    return not _live


async def aside(call: Callable[[], _T], patience: float = PATIENCE) -> _T:
    """Run a call that may hang on a thread that nobody waits for at the end of the program.

    Raises `VoiceError` when patience is over. Cancelled, the call itself goes on.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_T] = loop.create_future()

    def settle(result: _T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = call()
        except BaseException as raised:
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop may be over
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="sound", daemon=True).start()
    try:
        async with asyncio.timeout(patience):
            return await future
    except TimeoutError:
        if _outer:  # the call may have hung while standard error was kept quiet
            os.dup2(_outer[0], 2)
        raise VoiceError("The sound system does not answer: restart PipeWire or PulseAudio.") from None


_outer: list[int] = []  # standard error as it was, from the outermost `quiet` inwards


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what PortAudio, ALSA and JACK write to standard error from the terminal; other lines are passed on.

    Nothing is lost by it: what failed comes back as an error of the call.
    """
    with lock:
        try:
            real = os.dup(2)
        except OSError:  # a process without standard error
            yield
            return
        with contextlib.suppress(AttributeError, ValueError, OSError):
            sys.stderr.flush()
        with tempfile.TemporaryFile() as caught:
            os.dup2(caught.fileno(), 2)
            _outer.append(real)
            try:
                yield
            finally:
                _outer.pop()
                os.dup2(real, 2)
                caught.seek(0)
                with contextlib.suppress(OSError):
                    for line in caught:
                        if not line.startswith(_NOISE):
                            os.write(real, line)
                os.close(real)


_handler: Any = None


def _silence_alsa() -> None:
    """Give ALSA a function for its messages that does nothing; without it, each underrun is a line on the terminal."""
    global _handler
    if _handler is not None or not sys.platform.startswith("linux"):
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        # One of the C library, since it is called on audio threads, where Python's lock would be waited for.
        _handler = ctypes.CDLL(None).getpid
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_handler)
