"""Sound for tests that listen: sentences by espeak-ng, silence, noise and clicks, int16 at 16 kHz."""

import numpy as np

from tinyagent.voice.protocols import FRAME, RATE
from tinyagent.voice.sound import resampled
from tinyagent.voice.speak import open_synthesiser


def said(text, voice="en-us"):
    return resampled(open_synthesiser("espeak-ng", voice).speak(text), RATE).samples


def silence(seconds):
    return np.zeros(round(seconds * RATE), np.int16)


def noise(seconds, loudness=300, seed=0):
    return np.random.default_rng(seed).normal(0, loudness, round(seconds * RATE)).astype(np.int16)


def click(seconds=0.02):
    """Something knocks: loud, and over at once."""
    return (noise(seconds, 12_000, seed=1) * np.linspace(1, 0, round(seconds * RATE))).astype(np.int16)


def sounds(*parts):
    """Return them one after the other, over a little noise, as a microphone would."""
    whole = np.concatenate(parts)
    return (whole * 0.8).astype(np.int16) + noise(len(whole) / RATE, 20, seed=2)


def frames(samples):
    return [samples[at : at + FRAME] for at in range(0, len(samples) - FRAME + 1, FRAME)]
