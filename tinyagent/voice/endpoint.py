"""Where an utterance starts and ends, from how likely each frame is speech.

Speech begins after a few likely frames in a row and ends after a pause; between the two thresholds nothing changes
(hysteresis). What is given on starts a little before the speech. Knocks, clicks and coughs have too few likely frames
and are dropped. All lengths are in seconds; frames are 32 ms.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from tinyagent.voice.protocols import FRAME_SECONDS, Samples


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """Something said: int16 `samples` [n] at 16 kHz, with a little of what was before and the pause after it.

    Frames are counted from the endpointer's first: `started_at_frame` is the first frame with speech, and speech was
    over when `ended_at_frame` came. `cut` says that it was ended by the maximum length and not by a pause.
    """

    samples: Samples
    started_at_frame: int
    ended_at_frame: int
    cut: bool = False


class Endpointer:
    """Cuts frames into utterances."""

    def __init__(
        self,
        *,
        start: float = 0.5,
        stop: float = 0.35,
        onset: float = 0.1,
        preroll: float = 0.3,
        patience: float = 0.5,
        shortest: float = 0.2,
        longest: float = 15.0,
    ) -> None:
        """Speech begins after `onset` seconds that are likelier than `start`, ends after `patience` below `stop`.

        An utterance with less than `shortest` likely seconds in all is dropped; one that lasts `longest` is cut.
        """
        if not 0 < stop <= start < 1:
            raise ValueError("0 < stop <= start < 1 does not hold")
        self.patience = patience
        """Seconds of silence that end an utterance; may be changed at any time."""
        self._start, self._stop = start, stop
        self._onset, self._shortest, self._longest = _frames(onset), _frames(shortest), _frames(longest)
        self._before: deque[Samples] = deque(maxlen=_frames(preroll) + self._onset)
        self._frame = self._likely = self._first = self._last = 0
        self._begun = False
        self._taken: list[Samples] = []

    @property
    def speaking(self) -> bool:
        """Whether an utterance has begun and not ended."""
        return self._begun

    def feed(self, frame: Samples, probability: float) -> Utterance | None:
        """Take the next int16 frame [512] and how likely it is speech; return the utterance that ends with it."""
        number = self._frame
        self._frame += 1
        likely = probability >= self._start
        if not self._begun:
            self._before.append(frame)
            self._likely = self._likely + 1 if likely else 0
            if self._likely >= self._onset:
                self._begun = True
                self._first, self._last = number - self._likely + 1, number
                self._taken = list(self._before)
            return None
        self._taken.append(frame)
        self._likely += likely
        if likely or (probability >= self._stop and number - self._last == 1):
            self._last = number
        if number - self._last >= _frames(self.patience):
            return self._end(cut=False)
        return self._end(cut=True) if len(self._taken) >= self._longest else None

    def finish(self) -> Utterance | None:
        """Return the utterance that has begun, because the key was let go or the source has ended."""
        said = self._end(cut=False) if self._begun else None
        self.reset()
        return said

    def reset(self) -> None:
        """Forget the frames so far; their count goes on."""
        self._before.clear()
        self._taken = []
        self._begun = False
        self._likely = self._first = self._last = 0

    def _end(self, *, cut: bool) -> Utterance | None:
        enough, taken = self._likely >= self._shortest, self._taken
        said = Utterance(np.concatenate(taken), self._first, self._last + 1, cut) if enough else None
        self.reset()
        if not cut:
            self._before.extend(taken)  # the next one may begin at once
        return said


def _frames(seconds: float) -> int:
    return max(1, round(seconds / FRAME_SECONDS))
