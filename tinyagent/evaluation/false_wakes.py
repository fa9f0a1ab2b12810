"""How often a wake word engine hears what was not said, and misses what was; and what it costs.

    python -m tinyagent.evaluation.false_wakes [--minutes 60] [--engine pocketsphinx|openwakeword|all]

Everything is synthesised: usage examples of the project without the phrase for the false wakes, the phrase alone and
with a command in one breath for the hits. The voices are several of espeak-ng, and Piper for every second sentence
where it is installed, each spoken higher or lower and so faster or slower; pink noise lies under all of it. Sound
goes in as fast as it is taken, through the gate that the daemon has. A synthesised voice is no person: the figures
compare engines, phrases and thresholds, and what a living room does is another matter.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from tinyagent.errors import MissingExtraError, TinyAgentError
from tinyagent.products import folder
from tinyagent.training import usage
from tinyagent.voice.protocols import FRAME, RATE, Samples, Sound, Synthesiser, WakeWord
from tinyagent.voice.sound import clipped, level, resampled
from tinyagent.voice.speak import open_synthesiser
from tinyagent.voice.wake import ENGINES, open_wake_word

ESPEAK = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-029", "en-us+f2", "en-gb+f3", "en-us+m3")
PITCHES = (0.92, 1.0, 1.08)
"""What the speed and pitch of a voice is multiplied by."""
NOISES = (30.0, 20.0, 10.0)
"""Decibels between speech and noise: a quiet room, an ordinary one, a loud one."""
LOUDNESS = 0.06
"""Root mean square of speech, full scale being 1."""
STRETCH = 5.0
"""Minutes of speech between two lines of progress."""
UNLABELLED = ("none", "other", "ask", "turns", "calibration")
"""Usage files that are no examples of a tool."""


class Room:
    """Somebody speaks in it, each time with the next voice, over noise."""

    def __init__(self, rng: random.Random, espeak: Sequence[str] = ESPEAK, *, piper: bool = True) -> None:
        """Open these voices of espeak-ng, and Piper where it is there. Raises `VoiceError` without espeak-ng."""
        self._rng = rng
        self._noise = np.random.default_rng(rng.randrange(2**32))
        self.espeak: list[Synthesiser] = [open_synthesiser("espeak-ng", voice) for voice in espeak]
        self.piper: list[Synthesiser] = []
        if piper:
            with suppress(MissingExtraError):
                self.piper.append(open_synthesiser("piper"))

    def voice(self, number: int) -> Synthesiser:
        """Return the voice for the sentence with this number: every second is Piper where there is Piper."""
        if self.piper and number % 2:
            return self.piper[0]
        return self.espeak[number // 2 % len(self.espeak)]

    def say(self, voice: Synthesiser, text: str, noise: float, pause: float = 0.8) -> Samples:
        """Return the text as int16 [n] at 16 kHz with `pause` seconds before and after it, `noise` dB over noise."""
        spoken = voice.speak(text)
        sound = resampled(Sound(spoken.samples, round(spoken.rate * self._rng.choice(PITCHES))), RATE).samples
        aside = np.zeros(round(pause * RATE), np.int16)
        louder = LOUDNESS / max(level(sound), 1e-6)
        around = np.concatenate([aside, sound, aside]) * louder
        return clipped(around + self.hiss(len(around), noise).astype(np.float64))

    def hiss(self, size: int, noise: float) -> Samples:
        """Return pink noise, int16 [size], that much below speech."""
        spectrum = np.fft.rfft(self._noise.normal(0.0, 1.0, size))
        spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1.0))
        wave = np.fft.irfft(spectrum, size)
        return clipped(wave / max(wave.std(), 1e-9) * 32_768 * LOUDNESS / 10 ** (noise / 20))


@dataclass
class Count:
    """What came of one engine: `hits` as (voice, decibels) → (heard, said), times in seconds."""

    wake: WakeWord
    false: list[str] = field(default_factory=list)
    hits: dict[tuple[str, float], tuple[int, int]] = field(default_factory=dict)
    spoken: float = 0.0
    cpu_speech: float = 0.0
    silent: float = 0.0
    cpu_silence: float = 0.0

    @property
    def per_hour(self) -> float:
        """False wakes in an hour of speech."""
        return len(self.false) / max(self.spoken, 1e-9) * 3600

    @property
    def hit_rate(self) -> float:
        """The part of the phrases that was heard."""
        said = sum(said for _, said in self.hits.values())
        return sum(heard for heard, _ in self.hits.values()) / max(said, 1)

    def listen(self, samples: Samples) -> tuple[int, float]:
        """Return how often the engine woke, and the processor time it took in seconds."""
        started = time.process_time()
        last = len(samples) - FRAME + 1
        times = sum(self.wake.heard(samples[at : at + FRAME]) for at in range(0, last, FRAME))
        return times, time.process_time() - started


def sentences(rng: random.Random) -> Iterator[str]:
    """Yield usage examples of all tools, varied and in random order, without end."""
    values = usage.read_values()
    paths = sorted((folder("tool_index") / "usage").glob("*.jsonl"))
    examples = [one for path in paths if path.stem not in UNLABELLED for one in usage.read(path.stem)]
    while True:
        yield usage.vary(rng.choice(examples), values, rng).text


def count_false(counts: Sequence[Count], minutes: float, room: Room, rng: random.Random) -> None:
    """Let each engine hear `minutes` of speech without its phrase; the pauses between sentences do not count."""
    spoken = 0.0
    for number, text in enumerate(sentences(rng)):
        if spoken >= minutes * 60:
            return
        if any(count.wake.phrase in text.lower() for count in counts):
            continue
        pause = rng.uniform(0.2, 1.0)
        samples = room.say(room.voice(number), text, NOISES[number // 2 % len(NOISES)], pause)
        seconds = len(samples) / RATE - 2 * pause
        spoken += seconds
        for count in counts:
            times, cpu = count.listen(samples)
            count.false += [text] * times
            count.spoken += seconds
            count.cpu_speech += cpu * seconds / (seconds + 2 * pause)


def count_hits(count: Count, room: Room, rng: random.Random, commands: int = 1) -> None:
    """Say the phrase with each voice at each noise: alone, and before `commands` commands, in each voice."""
    said = sentences(rng)
    for noise in NOISES:
        for kind, voices in (("espeak-ng", room.espeak), ("piper", room.piper * len(ESPEAK))):
            texts = [""] + [next(said) for _ in range(commands)]
            heard = 0
            for voice in voices:
                for text in texts:
                    words = f"{count.wake.phrase.capitalize()}, {text}".strip(", ")
                    count.wake.reset()
                    heard += count.listen(room.say(voice, f"{words}.", noise))[0] > 0
            if voices:
                count.hits[kind, noise] = heard, len(voices) * len(texts)


def count_silence(count: Count, room: Room, seconds: int = 60) -> None:
    """Let the engine hear a quiet room in which nobody speaks."""
    count.wake.reset()
    for _ in range(seconds):
        times, cpu = count.listen(room.hiss(RATE, NOISES[0]))
        count.false += ["(silence)"] * times
        count.silent += 1.0
        count.cpu_silence += cpu


def report(count: Count) -> str:
    """Return what was counted as lines of text."""
    minutes = f"{count.spoken / 60:.1f} minutes of speech"
    lines = [
        f'"{count.wake.phrase}"',
        f"  false wakes   {len(count.false)} in {minutes}: {count.per_hour:.1f} an hour",
        f"  heard         {count.hit_rate:.0%}",
    ]
    for (kind, noise), (heard, said) in count.hits.items():
        lines.append(f"    {kind:10}{noise:3.0f} dB  {heard} of {said}")
    lines.append(f"  one core      {count.cpu_silence / max(count.silent, 1e-9):.2%} while nobody speaks")
    lines.append(f"                {count.cpu_speech / max(count.spoken, 1e-9):.2%} while somebody does")
    lines += [f"    woken by: {text}" for text in count.false]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the engines named on the command line and print a report for each."""
    parser = argparse.ArgumentParser(prog="python -m tinyagent.evaluation.false_wakes")
    parser.add_argument("--minutes", type=float, default=60.0, help="minutes of speech (60)")
    parser.add_argument("--engine", choices=(*ENGINES, "all"), default="all")
    parser.add_argument("--phrase", default="", help="instead of the engine's own")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    rng = random.Random(given.seed)
    try:
        names = ENGINES if given.engine == "all" else (given.engine,)
        counts = [Count(open_wake_word(name, given.phrase)) for name in names]
        room = Room(rng)
        for count in counts:
            count_silence(count, room)
            count_hits(count, room, rng)
            count.wake.reset()
        while (left := given.minutes - counts[0].spoken / 60) > 0:
            count_false(counts, min(left, STRETCH), room, rng)
            sys.stderr.write(
                f"{left:.0f} minutes were left, woken so far {[len(count.false) for count in counts]}\n"
            )
    except TinyAgentError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    for name, count in zip(names, counts, strict=True):
        sys.stdout.write(f"{name}: {report(count)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
