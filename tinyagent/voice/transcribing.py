"""Speech to text on a thread of its own, begun at a pause: mostly done once the pause proves to be the end."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future

import numpy as np

from tinyagent.voice.events import Spoken
from tinyagent.voice.protocols import RATE, Samples, Transcriber, Transcript
from tinyagent.voice.worker import Worker


class Transcribing:
    """One transcriber. What was guessed at a pause is used where nothing more was said, and dropped otherwise."""

    def __init__(self, transcriber: Transcriber) -> None:
        self._transcriber = transcriber
        self._worker = Worker("transcriber")
        self._guess: Future[Transcript] | None = None

    async def load(self) -> None:
        """Let the engine load and hear a second of noise: its first utterance takes longest."""
        noise = np.random.default_rng(0).integers(-2000, 2000, RATE, np.int16)
        await self._worker.do(self._transcriber.transcribe, noise)

    def ahead(self, so_far: Samples | None) -> None:
        """Begin with the samples so far; None: there is more to come after all."""
        if self._guess is not None:
            self._guess.cancel()
        self._guess = None if so_far is None else self._worker.submit(self._transcriber.transcribe, so_far)

    async def words(self, spoken: Spoken) -> Transcript:
        """Return what was said. Raises `VoiceError` where the engine fails."""
        guess, self._guess = self._guess, None
        if guess is None:
            guess = self._worker.submit(self._transcriber.transcribe, spoken.samples)
        return await asyncio.wrap_future(guess)

    def close(self, timeout: float) -> None:
        """Begin nothing more; wait for what runs."""
        self._worker.close(timeout)
