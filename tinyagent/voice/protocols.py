"""What the stages of the voice daemon hand to each other, and the shape of each stage's engine.

    microphone ─► activity ─► wake word ─► endpoint ─► transcriber ─► Conversation ─► synthesiser ─► speaker
     AudioSource   Activity    WakeWord    Endpointer   Transcriber                   Synthesiser    AudioSink

Sound on the way in is 16 kHz mono int16 in frames of 512 samples (32 ms). Engines are plain blocking objects that know
nothing of each other or of asyncio; the daemon runs the slow ones on threads. Another engine is put in by writing a
class with these methods.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
"""Samples per second on the way in."""
FRAME = 512
"""Samples in a frame: 32 ms, what Silero takes."""
FRAME_SECONDS = FRAME / RATE

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Something to be heard: mono int16 `samples` [n] at `rate` samples per second."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was understood: `text` as it is given to the assistant, `heard` before names were repaired.

    `confidence` in [0, 1] is the engine's own mean probability of a token; `language` a code like "en".
    """

    text: str
    heard: str
    confidence: float = 1.0


class AudioSource(Protocol):
    """Where frames come from: a microphone, a file, a satellite."""

    def frames(self) -> AsyncIterator[Samples]:
        """Yield int16 frames [512] as they are recorded, until the source ends.

        Raises `VoiceError` where the device cannot be opened or goes away.
        """
        ...


class AudioSink(Protocol):
    """Where sound goes."""

    async def play(self, sound: Sound) -> None:
        """Return when the sound has been heard; cancelling the call silences it within 50 ms.

        Raises `VoiceError` where the device cannot be opened or goes away.
        """
        ...


class Activity(Protocol):
    """Voice activity detection."""

    def probability(self, frame: Samples) -> float:
        """Return how likely the frame is speech; frames are given in order."""
        ...

    def reset(self) -> None:
        """Forget the frames so far."""
        ...


class WakeWord(Protocol):
    """Listens for one phrase."""

    @property
    def phrase(self) -> str:
        """The words to say."""
        ...

    def heard(self, frame: Samples) -> bool:
        """Return whether the phrase has just ended with this frame; true once per phrase."""
        ...

    def reset(self) -> None:
        """Forget the frames so far."""
        ...


class Transcriber(Protocol):
    """Speech to text."""

    def transcribe(self, samples: Samples, hotwords: Sequence[str] = ()) -> Transcript:
        """Return the words of one utterance, int16 [n] at 16 kHz; empty text for silence or noise.

        `hotwords` are names that may well be said.
        """
        ...


class Synthesiser(Protocol):
    """Text to speech."""

    def speak(self, text: str) -> Sound:
        """Return the spoken text. Raises `VoiceError` where the engine fails."""
        ...
