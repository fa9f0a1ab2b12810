"""Sound as Wyoming carries it: raw PCM in events, taken apart into samples, and samples cut into events."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinyagent.voice.protocols import RATE, Samples, Sound
from tinyagent.voice.sound import mono, resampled
from tinyagent.voice.wyoming_events import AudioChunk, AudioStart, Event
from tinyagent.voice.wyoming_wire import MalformedError

LONGEST = 60.0
"""Seconds of a recording."""
MOST = 48_000 * 2 * 2 * 60
"""Bytes of a recording: a minute of 16-bit stereo at 48 kHz."""
RATES = frozenset({8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000})
WIDTHS, CHANNELS = (1, 2, 3, 4), range(1, 9)
CHUNK = 2048
"""Samples in an event."""


class Recording:
    """What comes between an `AudioStart` and an `AudioStop`: PCM of one format, `longest` seconds at most."""

    def __init__(self, event: Event, longest: float = LONGEST) -> None:
        """Begin with the format of an event. Raises `MalformedError` for one that is not in use."""
        self._format = rate, width, channels = _format(event)
        if rate not in RATES or width not in WIDTHS or channels not in CHANNELS:
            raise MalformedError(
                f"This format of sound is not known: {rate} Hz, {width} bytes, {channels} channels."
            )
        self._longest = longest
        self._most = min(MOST, int(longest * rate) * width * channels)
        self._data = bytearray()

    def add(self, event: Event) -> None:
        """Take a chunk. Raises `MalformedError` for another format, and where it is too long."""
        if _format(event) != self._format:
            raise MalformedError("The format of the sound has changed on the way.")
        payload = event.payload or b""
        if len(self._data) + len(payload) > self._most:
            raise MalformedError(f"This is too long: at most {self._longest:.0f} seconds are taken.")
        self._data += payload

    def sound(self) -> Sound:
        """Return it as mono int16 at its own rate; channels become their mean."""
        rate, width, channels = self._format
        count = len(self._data) // (width * channels)
        raw = np.frombuffer(self._data, np.uint8, count * width * channels).reshape(-1, width)
        if width == 1:  # the only unsigned one
            samples = (raw[:, 0].astype(np.int16) - 128) * np.int16(256)
        else:  # little-endian: the last two bytes are the upper 16 bits
            samples = np.ascontiguousarray(raw[:, -2:]).view("<i2")[:, 0].astype(np.int16)
        return Sound(mono(samples.reshape(count, channels)), rate)

    def samples(self) -> Samples:
        """Return it as a `Transcriber` takes it: int16 [n] at 16 kHz."""
        return resampled(self.sound(), RATE).samples


def starting(rate: int) -> AudioStart:
    """Return the event before mono 16-bit sound."""
    return AudioStart(rate=rate, width=2, channels=1, timestamp=0)


def chunks(sound: Sound, since: int = 0) -> Iterator[AudioChunk]:
    """Yield a sound in events; `since` is how many samples have been sent before."""
    for at in range(0, len(sound.samples), CHUNK):
        audio = sound.samples[at : at + CHUNK].astype("<i2").tobytes()
        yield AudioChunk(
            rate=sound.rate,
            width=2,
            channels=1,
            audio=audio,
            timestamp=(since + at) * 1000 // sound.rate,
        )


def _format(event: Event) -> tuple[int, int, int]:
    rate, width, channels = (event.data.get(name) for name in ("rate", "width", "channels"))
    if not (type(rate) is int and type(width) is int and type(channels) is int):
        raise MalformedError("Sound needs a rate, a width and a number of channels.")
    return rate, width, channels
