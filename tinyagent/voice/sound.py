"""Sound as data: wav files, sample rates, loudness, noise. Numpy only; nothing here opens a device."""

from __future__ import annotations

import math
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyagent.errors import VoiceError
from tinyagent.tools.phrases import harmless
from tinyagent.voice.protocols import FRAME, Samples, Sound

ZEROS = 16
"""Zero crossings of the resampling filter on each side: below 90 % of the lower Nyquist frequency it is flat."""


def read_wav(path: Path | str) -> Sound:
    """Return a PCM wav file of 8, 16, 24 or 32 bits; several channels become their mean.

    Raises `VoiceError` where the file is missing or holds something else.
    """
    name = harmless(str(path))
    try:
        with wave.open(str(path), "rb") as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            data = file.readframes(file.getnframes())
    except OSError as error:
        raise VoiceError(
            f"The sound file {name} cannot be read: {error.strerror or 'it is damaged'}."
        ) from None
    except (wave.Error, EOFError) as error:
        raise VoiceError(
            f"{name} is no PCM wav file ({harmless(str(error)) or 'it ends too soon'}): "
            "convert it with `sox FILE -b 16 NEW.wav`."
        ) from None
    if rate < 1 or channels < 1 or width not in (1, 2, 3, 4):
        raise VoiceError(
            f"{name} is no wav file that can be played: convert it with `sox FILE -b 16 NEW.wav`."
        )
    whole = len(data) // (width * channels)
    samples = _decoded(data[: whole * width * channels], width)
    return Sound(mono(samples.reshape(whole, channels)), rate)


def _decoded(data: bytes, width: int) -> Samples:
    if width == 1:  # the only unsigned one
        return ((np.frombuffer(data, np.uint8).astype(np.int16) - 128) << 8).astype(np.int16)
    # Little-endian: the last two bytes of each sample are its upper 16 bits.
    upper = np.frombuffer(data, np.uint8).reshape(-1, width)[:, -2:]
    return np.frombuffer(upper.tobytes(), "<i2").astype(np.int16)


def write_wav(path: Path | str, sound: Sound) -> None:
    """Write 16-bit mono PCM. Raises `VoiceError` where the file cannot be written."""
    try:
        with open(path, "wb") as target, wave.open(target, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(sound.rate)
            file.writeframes(sound.samples.astype("<i2").tobytes())
    except OSError as error:
        raise VoiceError(
            f"The sound file {harmless(str(path))} cannot be written: {error.strerror}."
        ) from None


def mono(samples: Samples) -> Samples:
    """Return the mean of the channels, [n, channels] → [n]."""
    if samples.shape[1] == 1:
        return np.ascontiguousarray(samples[:, 0])
    return clipped(samples.mean(axis=1))


def clipped(samples: NDArray[np.floating]) -> Samples:
    """Return numbers in the range of int16 as int16; what is beyond is cut off."""
    made: Samples = np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
    return made


class Resampler:
    """Another sample rate for a sound that comes in pieces: a windowed sinc, one set of taps for each phase.

    The filter looks `ZEROS` zero crossings ahead, so that much comes out late, or with `flush`.
    """

    def __init__(self, source: int, target: int) -> None:
        shared = math.gcd(source, target)
        self._up, self._down = target // shared, source // shared
        cutoff = 0.95 * min(1.0, target / source)
        self._half = math.ceil(ZEROS / cutoff)
        distance = np.arange(1 - self._half, self._half + 1) - (np.arange(self._up) / self._up)[:, None]
        window = np.i0(8.0 * np.sqrt(np.clip(1 - (distance / self._half) ** 2, 0, None)))
        taps = np.sinc(cutoff * distance) * window
        self._taps = (taps / taps.sum(axis=1, keepdims=True)).astype(np.float32)
        self._held = np.zeros(self._half - 1, np.float32)
        self._start = 1 - self._half  # where the held samples begin in the source
        self._received = self._made = 0

    def feed(self, samples: Samples) -> Samples:
        """Return what can be said of the new rate after these samples, int16 [about n · target / source]."""
        self._received += len(samples)
        self._held = np.concatenate([self._held, samples.astype(np.float32)])
        # Sample m of the target lies at m · down / up and needs `half` samples beyond it.
        ready = -(-(self._start + len(self._held) - self._half) * self._up // self._down)
        return self._until(max(ready, self._made))

    def flush(self) -> Samples:
        """Return the rest after the last samples."""
        self._held = np.concatenate([self._held, np.zeros(self._half, np.float32)])
        return self._until(max(-(-self._received * self._up // self._down), self._made))

    def _until(self, end: int) -> Samples:
        wanted = np.arange(self._made, end) * self._down
        first = wanted // self._up - self._half + 1 - self._start
        pieces = self._held[first[:, None] + np.arange(2 * self._half)]
        made = np.einsum("nk,nk->n", pieces, self._taps[wanted % self._up])
        self._made = end
        done = min(end * self._down // self._up - self._half + 1 - self._start, len(self._held))
        if done > 0:
            self._held, self._start = self._held[done:], self._start + done
        return clipped(made)


def resampled(sound: Sound, rate: int) -> Sound:
    """Return the sound at another rate, as long as before to within one sample."""
    if rate == sound.rate:
        return sound
    resampler = Resampler(sound.rate, rate)
    # In pieces, since each sample made takes a row of a hundred.
    pieces = [resampler.feed(sound.samples[at : at + 8192]) for at in range(0, len(sound.samples), 8192)]
    return Sound(np.concatenate([*pieces, resampler.flush()]), rate)


class Framer:
    """Cuts samples that come in pieces of any length into frames."""

    def __init__(self, size: int = FRAME) -> None:
        self._size = size
        self._held: Samples = np.zeros(0, np.int16)

    def feed(self, samples: Samples) -> Iterator[Samples]:
        """Yield the frames [size] that are complete."""
        self._held = np.concatenate([self._held, samples]) if len(self._held) else samples
        while len(self._held) >= self._size:
            frame, self._held = self._held[: self._size], self._held[self._size :]
            yield frame

    def flush(self) -> Iterator[Samples]:
        """Yield what is left, filled up with silence."""
        if len(self._held):
            yield np.pad(self._held, (0, self._size - len(self._held)))
        self._held = np.zeros(0, np.int16)


def silence(seconds: float, rate: int) -> Sound:
    """Return nothing to be heard."""
    return Sound(np.zeros(round(seconds * rate), np.int16), rate)


def joined(*sounds: Sound) -> Sound:
    """Return the sounds one after the other, at the rate of the first."""
    rate = sounds[0].rate
    return Sound(np.concatenate([resampled(sound, rate).samples for sound in sounds]), rate)


def mixed(first: Sound, second: Sound, at: float = 0.0) -> Sound:
    """Return both at once, the second from `at` seconds on, at the rate of the first; too loud is cut off."""
    other = resampled(second, first.rate).samples
    start = round(at * first.rate)
    total = np.zeros(max(len(first.samples), start + len(other)), np.int32)
    total[: len(first.samples)] += first.samples
    total[start : start + len(other)] += other
    return Sound(clipped(total.astype(np.float64)), first.rate)


def with_noise(
    sound: Sound, decibels: float, random: np.random.Generator, noise: Sound | None = None
) -> Sound:
    """Return the sound with noise that much below it (signal to noise in dB, over the whole); white without `noise`.

    A noise that is too short is repeated, from a random place on.
    """
    size = len(sound.samples)
    if noise is None or not len(noise.samples):
        added = random.normal(0.0, 1.0, size)
    else:
        samples = resampled(noise, sound.rate).samples
        added = np.resize(np.roll(samples, -int(random.integers(len(samples)))), size).astype(np.float64)
    loudness = float(np.sqrt(np.mean(added**2))) if size else 0.0
    if not loudness:
        return sound
    gain = level(sound.samples) * 32768 / loudness / 10 ** (decibels / 20)
    return Sound(clipped(sound.samples + added * gain), sound.rate)


def level(samples: Samples) -> float:
    """Return the loudness (root mean square) in [0, 1]: 0 is silence, speech near a microphone about 0.05."""
    return float(np.sqrt(np.mean((samples / 32768.0) ** 2))) if len(samples) else 0.0
