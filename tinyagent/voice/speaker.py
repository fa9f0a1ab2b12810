"""The loudspeaker, and two that make no sound: one keeps what it is given, one writes it to a wav file."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from pathlib import Path
from typing import Any

import numpy as np

from tinyagent.errors import VoiceError
from tinyagent.voice import devices, portaudio
from tinyagent.voice.protocols import Sound
from tinyagent.voice.sound import joined, resampled, write_wav

LATENCY = 0.1
"""Seconds that the device keeps ahead: a busy machine may be that late with the next samples."""
_STALLED = 5.0


class Speaker:
    """A device that plays, by `device` name (a part of it will do); "" is the system's default one.

    It is opened for each sound: a loudspeaker that went away and came back is found again.
    """

    def __init__(self, device: str = "") -> None:
        self.device = device

    async def play(self, sound: Sound) -> None:
        """Return when the sound has been heard; cancelled, it is silent at once. Raises `VoiceError`."""
        if not len(sound.samples):
            return
        playing = _Playing(self.device, sound, asyncio.get_running_loop())
        try:
            await portaudio.aside(playing.open)
            await playing.finished(sound.seconds + _STALLED)
        except asyncio.CancelledError:
            # Not in the queue for PortAudio's lock: opening something else may take its time.
            threading.Thread(target=playing.silence, name="silence", daemon=True).start()
            raise
        finally:
            with contextlib.suppress(VoiceError):
                await portaudio.aside(playing.close, portaudio.CLOSING)


class _Playing:
    """One sound on its way out."""

    pausable = False

    def __init__(self, device: str, sound: Sound, loop: asyncio.AbstractEventLoop) -> None:
        self._device = device
        self._sound = sound
        self._loop = loop
        self._stream: Any = None
        self._gate = threading.Lock()  # a stream must not be stopped while it is freed
        self._ended = False
        self._whole = False
        self._over = asyncio.Event()

    def open(self) -> None:
        with portaudio.lock:
            try:
                self._start()
            except VoiceError:
                # The list may be from before it was plugged in, or before the sound server came back.
                if not portaudio.refresh():
                    raise
                self._start()
            if self._stream is not None:
                portaudio.enter(self)

    async def finished(self, patience: float) -> None:
        try:
            async with asyncio.timeout(patience):
                await self._over.wait()
        except TimeoutError:
            raise VoiceError("The loudspeaker takes no sound: restart PipeWire or PulseAudio.") from None
        if not self._whole:
            raise VoiceError(
                "The loudspeaker went away: plug it in again, or start PipeWire or PulseAudio again."
            )

    def silence(self) -> None:
        """Throw away what the device still has."""
        self._ended = True
        with self._gate:
            if self._stream is not None:
                self._stream.abort(ignore_errors=True)

    def close(self) -> None:
        with portaudio.lock, self._gate:
            self._ended = True
            portaudio.leave(self)
            stream, self._stream = self._stream, None
            if stream is not None:
                stream.close(ignore_errors=True)

    def pause(self) -> None:
        """Do nothing: it cannot be paused."""

    def resume(self) -> None:
        """Do nothing: it was not paused."""

    def _start(self) -> None:
        if self._ended:
            return
        sounddevice = portaudio.library()
        device = devices.find(self._device, "output")
        failure: Exception | None = None
        with portaudio.quiet(), devices.chosen(device, "output"):
            rates = dict.fromkeys((self._sound.rate, device.rate, 48_000))
            for rate, channels in [(rate, channels) for channels in (1, 2) for rate in rates]:
                if channels > device.channels:
                    continue
                try:
                    self._stream = self._opened(sounddevice, device.index, rate, channels)
                    return
                except sounddevice.PortAudioError as error:
                    failure = failure or error
        raise VoiceError(
            f"The loudspeaker cannot be opened ({devices.reason(failure or OSError())}): see that it is plugged in "
            "and that no other program has it for itself."
        )

    def _opened(self, sounddevice: Any, index: int, rate: int, channels: int) -> Any:
        samples = np.repeat(resampled(self._sound, rate).samples, channels)
        data = memoryview(samples.tobytes())
        # What the device keeps is dropped when it stops, so the end is silence of that length.
        tail = round(2 * LATENCY * rate) * channels * 2
        at = 0

        def callback(out: Any, _frames: int, _time: Any, _status: Any) -> None:
            nonlocal at
            size = len(out)
            piece = b"" if self._ended else data[at : at + size]
            out[: len(piece)] = piece
            out[len(piece) :] = bytes(size - len(piece))
            at += size
            if at >= len(data) + tail:
                self._whole = True
                raise sounddevice.CallbackStop

        def finished() -> None:
            with contextlib.suppress(RuntimeError):  # the loop may be over
                self._loop.call_soon_threadsafe(self._over.set)

        stream = sounddevice.RawOutputStream(
            samplerate=rate, device=index, channels=channels, dtype="int16", latency=LATENCY,
            callback=callback, finished_callback=finished,
        )  # fmt: skip
        try:
            stream.start()
        except sounddevice.PortAudioError:
            stream.close(ignore_errors=True)
            self._over = asyncio.Event()
            raise
        return stream


class SilentSpeaker:
    """Keeps what it is given in `played`, and is done at once."""

    def __init__(self) -> None:
        self.played: list[Sound] = []

    async def play(self, sound: Sound) -> None:
        """Keep the sound."""
        self.played.append(sound)
        await asyncio.sleep(0)


class WavSpeaker:
    """Writes what it is given, one after the other, to one wav file at the rate of the first; done at once."""

    def __init__(self, path: Path | str) -> None:
        self._path = path
        self._sounds: list[Sound] = []

    async def play(self, sound: Sound) -> None:
        """Add the sound to the file. Raises `VoiceError` where it cannot be written."""
        self._sounds.append(sound)
        write_wav(self._path, joined(*self._sounds))
        await asyncio.sleep(0)
