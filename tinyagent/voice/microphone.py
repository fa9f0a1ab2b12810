"""The microphone, and a wav file that stands in for one: 16 kHz mono frames, in memory only."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import numpy as np

from tinyagent.errors import VoiceError
from tinyagent.voice import devices, portaudio
from tinyagent.voice.protocols import FRAME, FRAME_SECONDS, RATE, Samples
from tinyagent.voice.sound import Framer, Resampler, mono, read_wav, resampled

STALLED = 5.0
"""Seconds without a sample after which a microphone counts as gone."""
LATENCY = 0.1
"""Seconds that the device may keep for itself: Python may be that late to fetch them."""
BACKLOG = 8.0
"""Seconds that are kept for a reader who is slow."""


class Microphone:
    """A recording device by `device` name (a part of it will do); "" is the system's default one.

    `rate` is what it is asked for; a device that refuses records at its own, and is resampled. Each call of `frames`
    opens it anew. `lost` counts the frames that a slow reader never saw.
    """

    def __init__(self, device: str = "", *, rate: int = RATE, backlog: float = BACKLOG) -> None:
        self.device = device
        self.lost = 0
        self._rate = rate
        self._kept = max(1, round(backlog / FRAME_SECONDS))

    async def frames(self) -> AsyncGenerator[Samples, None]:
        """Yield int16 frames [512] until the reader stops. Raises `VoiceError` as soon as the device is gone."""
        inbox = _Inbox(asyncio.get_running_loop(), self._kept)
        before = self.lost
        recording = _Recording(self.device, self._rate, inbox)
        framer = Framer()
        try:
            await portaudio.aside(recording.open)
            while True:
                piece = await inbox.next()
                self.lost = before + inbox.dropped
                for frame in framer.feed(piece):
                    yield frame
        finally:
            # On a thread: whoever cancels does not wait for a device that hangs.
            recording.end()
            with contextlib.suppress(VoiceError):
                await portaudio.aside(recording.close, portaudio.CLOSING)


class _Inbox:
    """What the audio thread hands over to the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, size: int) -> None:
        self._loop = loop
        self._pieces: deque[Samples] = deque(maxlen=size)
        self.dropped = 0
        self._ready = asyncio.Event()
        self._failure: VoiceError | None = None

    def put(self, piece: Samples) -> None:
        """From the audio thread: the oldest piece goes when it is full."""
        if len(self._pieces) == self._pieces.maxlen:
            self.dropped += 1
        self._pieces.append(piece)
        self._wake()

    def fail(self, error: VoiceError) -> None:
        """From any thread: no more will come."""
        self._failure = error
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop may be over
            self._loop.call_soon_threadsafe(self._ready.set)

    async def next(self) -> Samples:
        while not self._pieces:
            if self._failure is not None:
                raise self._failure
            self._ready.clear()
            if self._pieces or self._failure is not None:
                continue
            try:
                # Not `wait_for`, which in Python 3.11 forgets a cancellation that comes with the sound.
                async with asyncio.timeout(STALLED):
                    await self._ready.wait()
            except TimeoutError:
                raise VoiceError(
                    "The microphone gives no sound any more: see that it is plugged in, "
                    "or restart PipeWire or PulseAudio."
                ) from None
        return self._pieces.popleft()


class _Recording:
    """An open microphone; `portaudio.refresh` may close and open it in between."""

    pausable = True

    def __init__(self, device: str, rate: int, inbox: _Inbox) -> None:
        self._device = device
        self._rate = rate
        self._inbox = inbox
        self._stream: Any = None
        self._ended = False

    def open(self) -> None:
        with portaudio.lock:
            if portaudio.idle():
                portaudio.refresh()
            try:
                self._start()
            except VoiceError:
                # The list may be from before it was plugged in.
                if portaudio.idle() or not portaudio.refresh():
                    raise
                self._start()
            if self._stream is not None:
                portaudio.enter(self)

    def end(self) -> None:
        """Want no more of it, from now on and without waiting."""
        self._ended = True

    def close(self) -> None:
        with portaudio.lock:
            self._ended = True
            portaudio.leave(self)
            self.pause()

    def pause(self) -> None:
        with portaudio.lock:
            stream, self._stream = self._stream, None
            if stream is not None:
                stream.close(ignore_errors=True)

    def resume(self) -> None:
        try:
            self._start()
        except VoiceError as error:
            self._inbox.fail(error)

    def _start(self) -> None:
        if self._ended:
            return
        sounddevice = portaudio.library()
        device = devices.find(self._device, "input")
        # Some devices take their own rate only, some do not mix down to one channel.
        several = min(device.channels, 8)
        failure: Exception | None = None
        with portaudio.quiet(), devices.chosen(device, "input"):
            for rate, channels in dict.fromkeys(
                (rate, channels) for channels in (1, 2, several) for rate in (self._rate, device.rate, 48_000)
            ):
                if channels > several:
                    continue
                try:
                    self._stream = self._opened(sounddevice, device.index, rate, channels)
                    return
                except sounddevice.PortAudioError as error:
                    failure = failure or error
        raise VoiceError(
            f"The microphone cannot be opened ({devices.reason(failure or OSError())}): see that it is plugged in "
            "and that no other program has it for itself."
        )

    def _opened(self, sounddevice: Any, index: int, rate: int, channels: int) -> Any:
        handed = _converted(self._inbox.put, rate, channels)

        def callback(data: Any, _frames: int, _time: Any, _status: Any) -> None:
            handed(np.frombuffer(data, np.int16).reshape(-1, channels).copy())

        def finished() -> None:
            # Also called when it is closed, by then it is no longer the stream.
            if self._stream is stream and not self._ended:
                self._inbox.fail(
                    VoiceError(
                        "The microphone went away: plug it in again, or start PipeWire or PulseAudio again."
                    )
                )

        stream = sounddevice.RawInputStream(
            samplerate=rate, blocksize=max(1, round(rate * FRAME_SECONDS)), device=index, channels=channels,
            dtype="int16", latency=LATENCY, callback=callback, finished_callback=finished,
        )  # fmt: skip
        try:
            stream.start()
        except sounddevice.PortAudioError:
            stream.close(ignore_errors=True)
            raise
        return stream


def _converted(put: Callable[[Samples], None], rate: int, channels: int) -> Callable[[Samples], None]:
    """Return what takes samples [n, channels] of the device and puts on 16 kHz mono."""
    if rate == RATE:
        return lambda samples: put(mono(samples))
    resampler = Resampler(rate, RATE)
    return lambda samples: put(resampler.feed(mono(samples)))


class WavSource:
    """A wav file as a microphone, at `speed` times real time (0: as fast as it is read), then `silence` seconds."""

    def __init__(self, path: Path | str, speed: float = 1.0, silence: float = 1.5) -> None:
        self._path = path
        self._speed = speed
        self._silence = silence

    async def frames(self) -> AsyncGenerator[Samples, None]:
        """Yield int16 frames [512], the last one filled up. Raises `VoiceError` where the file cannot be read."""
        samples = resampled(read_wav(self._path), RATE).samples
        framer = Framer()
        silent = np.zeros(round(self._silence * RATE), np.int16)
        frames = [*framer.feed(np.concatenate([samples, silent])), *framer.flush()]
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for number, frame in enumerate(frames, start=1):
            due = begun + number * FRAME / RATE / self._speed if self._speed else 0.0
            await asyncio.sleep(max(0.0, due - loop.time()))
            yield frame
