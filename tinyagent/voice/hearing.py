"""One window in which somebody is listened to: until what they say has ended, or nobody says anything.

All times are counted in frames: a window of eight seconds has eight seconds of sound, however fast they come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import numpy as np

from tinyagent.voice.events import Spoken
from tinyagent.voice.protocols import FRAME_SECONDS, Samples

SPEECH = 0.5
"""Probability from which a frame counts as speech."""
PAUSE = 6
"""Frames without speech (0.19 s) after which what was said so far is worth transcribing."""
PRE_ROLL = 13
"""Frames kept from before the speech (0.42 s) for that: it begins softly, and is noticed late."""


class Said(Protocol):
    """An utterance: see `endpoint.Utterance`."""

    @property
    def samples(self) -> Samples:
        """Its sound."""
        ...


class Endpointing(Protocol):
    """What finds the end of an utterance: see `endpoint.Endpointer`."""

    @property
    def speaking(self) -> bool:
        """Whether an utterance has begun and not ended."""
        ...

    def feed(self, frame: Samples, probability: float) -> Said | None:
        """Return the utterance that ends with this frame, else None."""
        ...

    def finish(self) -> Said | None:
        """Return the utterance that has begun, as if it ended now."""
        ...

    def reset(self) -> None:
        """Forget the frames so far."""
        ...


OnPause = Callable[[Samples | None], None]
"""Called with the samples so far when a pause begins that may be the end, with None when it was not."""


class Window:
    """Listens until an utterance has ended or `window` seconds went by without one; `result` has it then, or None.

    Speech that ends by the frame `after` counts for nothing: it is the wake word.
    """

    def __init__(
        self,
        endpointer: Endpointing,
        window: float,
        *,
        after: int = -1,
        on_pause: OnPause = lambda so_far: None,
    ) -> None:
        self.result: asyncio.Future[Spoken | None] = asyncio.get_running_loop().create_future()
        self._endpointer, self._after, self._on_pause = endpointer, after, on_pause
        self._left = round(window / FRAME_SECONDS)
        self._kept: list[Samples] = []
        self._first = self._last = -1
        self._paused = False
        endpointer.reset()

    def feed(self, number: int, frame: Samples, probability: float) -> None:
        """Take the frame with this number."""
        if self.result.done():
            return
        self._left -= number > self._after
        said = self._endpointer.feed(frame, probability)
        speaking = self._endpointer.speaking
        self._kept.append(frame)
        if not speaking:
            del self._kept[:-PRE_ROLL]
        if probability >= SPEECH:
            self._voiced(number)
        if said is not None:
            self._end(said)
        elif speaking and number - self._last == PAUSE and self._last > self._after:
            self._paused = True
            self._on_pause(np.concatenate(self._kept))
        elif not speaking and number - self._last > PAUSE:
            self._first = -1
            if self._left <= 0:
                self.result.set_result(None)

    def finish(self) -> None:
        """End now: what has been said is all, or nothing was."""
        if not self.result.done() and (said := self._endpointer.finish()) is not None:
            self._end(said)
        if not self.result.done():
            self.result.set_result(None)

    def _voiced(self, number: int) -> None:
        if self._first < 0:
            self._first = number
        self._last = number
        if self._paused:
            self._paused = False
            self._on_pause(None)

    def _end(self, said: Said) -> None:
        if self._last > self._after:
            self.result.set_result(Spoken(said.samples, max(self._first, 0), self._last))
        else:
            self._first = -1
