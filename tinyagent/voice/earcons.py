"""The short soft sounds that say what the daemon is at: made here, no files."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tinyagent.voice.protocols import Sound
from tinyagent.voice.sound import clipped

RATE = 24_000
LOUDNESS = 0.18
"""The highest sample; speech at full loudness reaches 1."""

# Notes of each sound: frequency in Hz, seconds. All together below 0.2 s.
_NOTES = {
    "wake": ((659.3, 0.07), (880.0, 0.11)),
    "done": ((880.0, 0.12),),
    "question": ((587.3, 0.06), (587.3, 0.05), (784.0, 0.08)),
    "failed": ((311.1, 0.09), (233.1, 0.10)),
    "end": ((880.0, 0.07), (659.3, 0.11)),
}
NAMES = tuple(_NOTES)
"""wake: it listens; done: it did it; question: it asks; failed: it could not; end: it listens no more."""


@lru_cache
def earcon(name: str) -> Sound:
    """Return one of `NAMES`, mono at 24 kHz, shorter than 0.2 s. Another name is a `KeyError`."""
    notes = [_note(frequency, seconds) for frequency, seconds in _NOTES[name]]
    samples = np.concatenate(notes)
    made = clipped(samples * (LOUDNESS * 32767 / np.abs(samples).max()))
    made.flags.writeable = False  # one copy for everybody
    return Sound(made, RATE)


def _note(frequency: float, seconds: float) -> np.ndarray:
    """Return a sine with a little of its octave, that swells for 8 ms and dies away: no click at either end."""
    time = np.arange(round(seconds * RATE)) / RATE
    tone = np.sin(2 * np.pi * frequency * time) + 0.15 * np.sin(4 * np.pi * frequency * time)
    swell = np.clip(time / 0.008, 0, 1)
    fall = np.clip((seconds - time) / (0.7 * seconds), 0, 1)
    return np.asarray(tone * np.sin(swell * np.pi / 2) ** 2 * np.sin(fall * np.pi / 2) ** 2)
