"""Speech engines that are somewhere else: a Wyoming server for speech to text, and one for text to speech.

Each call is a connection of its own, so a server that was started again is found by the next one. The sound of the
microphone goes to the address in the settings and nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import numpy as np

from tinyagent.errors import VoiceError
from tinyagent.tools.phrases import harmless, short
from tinyagent.voice import wyoming_events as events
from tinyagent.voice import wyoming_wire as wire
from tinyagent.voice.protocols import RATE, Samples, Sound, Transcript
from tinyagent.voice.wyoming_sound import Recording, chunks, starting

CONNECT = 5.0
"""Seconds to reach the server."""
TIMEOUT = 30.0
"""Seconds for one answer, from its beginning to its end."""
LONGEST = 300.0
"""Seconds of sound that an answer may have."""
NAMES = 100
"""Names that are sent along as likely."""
TEXT = 2000
"""Characters of a transcript; more is no command."""

T = TypeVar("T")
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[T]]


class WyomingTranscriber:
    """Speech to text by the Wyoming server at `uri` (tcp://host:port or unix:///path); a `Transcriber`.

    Raises `VoiceError` for what is no address; nothing is connected yet.
    """

    def __init__(self, uri: str, timeout: float = TIMEOUT) -> None:
        self._service = _Service(uri, "speech recogniser", "wyoming_asr", timeout)

    def transcribe(self, samples: Samples, hotwords: Sequence[str] = ()) -> Transcript:
        """Return the words of one utterance, int16 [n] at 16 kHz; empty text where the server hears none.

        Raises `VoiceError` where the server is away, fails or takes too long.
        """

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Transcript:
            names = list(hotwords[:NAMES]) or None
            await wire.write_event(writer, events.Transcribe(language="en", transcript_names=names))
            await wire.write_event(writer, starting(RATE))
            for chunk in chunks(Sound(samples, RATE)):
                await wire.write_event(writer, chunk)
            await wire.write_event(writer, events.AudioStop())
            while not events.Transcript.is_type((event := await self._service.next(reader)).type):
                pass
            text = event.data.get("text")
            if not isinstance(text, str):
                raise wire.MalformedError("A transcript has a text.")
            text = " ".join(text[:TEXT].split())
            return Transcript(text, text)

        return self._service.call(talk)


class WyomingSynthesiser:
    """Text to speech by the Wyoming server at `uri` (tcp://host:port or unix:///path); a `Synthesiser`.

    Raises `VoiceError` for what is no address; nothing is connected yet.
    """

    def __init__(self, uri: str, timeout: float = TIMEOUT) -> None:
        self._service = _Service(uri, "voice", "wyoming_tts", timeout)

    def speak(self, text: str) -> Sound:
        """Return the spoken text. Raises `VoiceError` where the server is away, fails or takes too long."""

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Sound:
            await wire.write_event(writer, events.Synthesize(text=_speakable(text)))
            recording: Recording | None = None
            while not events.AudioStop.is_type((event := await self._service.next(reader)).type):
                if events.AudioStart.is_type(event.type):
                    recording = Recording(event, LONGEST)
                elif events.AudioChunk.is_type(event.type):
                    recording = recording or Recording(event, LONGEST)
                    recording.add(event)
            return recording.sound() if recording else Sound(np.zeros(0, np.int16), RATE)

        return self._service.call(talk)


class _Service:
    """A server somewhere else; every fault of it is a sentence."""

    def __init__(self, uri: str, what: str, setting: str, timeout: float) -> None:
        self.address = wire.read_address(uri)
        self._what, self._setting, self._timeout = what, setting, timeout

    def call(self, talk: Talk[T]) -> T:
        """Return what `talk` comes to over a new connection. Blocks; not for the thread of an event loop."""
        return asyncio.run(self._call(talk))

    async def next(self, reader: asyncio.StreamReader) -> events.Event:
        """Return the next event of an answer. Raises `VoiceError` where the server says that it failed."""
        event = await wire.read_event(reader)
        if event is None:
            raise ConnectionResetError
        if events.Error.is_type(event.type):
            said = harmless(short(str(event.data.get("text", "")), 200)).rstrip(".") or "no reason was given"
            raise VoiceError(f"The {self._where} could not do it ({said}): look at what that server says.")
        return event

    @property
    def _where(self) -> str:
        return f"{self._what} at {harmless(str(self.address))}"

    async def _call(self, talk: Talk[T]) -> T:
        try:
            async with asyncio.timeout(CONNECT):
                reader, writer = await wire.connect(self.address)
        except (OSError, ValueError):
            raise VoiceError(
                f"The {self._where} cannot be reached: start it, or take {self._setting} out of the settings."
            ) from None
        try:
            async with asyncio.timeout(self._timeout):
                return await talk(reader, writer)
        except TimeoutError:
            raise VoiceError(
                f"The {self._where} did not answer within {self._timeout:.0f} seconds: start it again."
            ) from None
        except OSError:
            raise VoiceError(f"The {self._where} has hung up: start it again, then try once more.") from None
        except wire.MalformedError as error:
            raise VoiceError(
                f"The {self._where} does not speak Wyoming as it should ({str(error).rstrip('.')}): "
                "check its address."
            ) from None
        finally:
            await wire.shut(writer)


def _speakable(text: str) -> str:
    """Return the text as it can be sent."""
    return text.encode("utf-8", "replace").decode()
