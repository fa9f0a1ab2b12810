"""Whether the voice daemon can run for days: a day of sound at twenty times its speed, and what it leaves behind.

    python -m tinyagent.evaluation.voice_soak [--minutes 1440] [--speed 20] [--wake pocketsphinx] [--voice piper]

Silence, people talking among themselves, and now and then the wake word with a command, all synthesised, go through
`WavSource` into the daemon as it is shipped (loudspeaker and notifications aside). Every so often it prints resident
memory, threads, open files and what was done. `--minutes` are minutes of sound. The exit code is 1 where memory grew by
more than `GROWTH` between the first tenth, when everything has been used once, and the end.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tinyagent.evaluation.voice_commands import CHATTER, COMMANDS
from tinyagent.evaluation.voice_latency import NOISE, silent_stages
from tinyagent.events import Started
from tinyagent.voice.daemon import Daemon
from tinyagent.voice.ears import Mode
from tinyagent.voice.events import Acted, News, Trouble, Understood, Woken
from tinyagent.voice.protocols import FRAME_SECONDS, RATE, Samples, Sound

GROWTH = 40.0
"""MiB."""
REPORTS = 20


class Day:
    """A source: stretches of silence, talk and commands, each a wav file of its own, until so many minutes are over."""

    def __init__(self, minutes: float, speed: float, clips: Sequence[Path]) -> None:
        self._minutes, self._speed, self._clips = minutes, speed, clips
        self.played = 0.0

    async def frames(self) -> AsyncIterator[Samples]:
        """Yield int16 frames [512] at that speed."""
        from tinyagent.voice.microphone import WavSource

        choose = random.Random(3)
        while self.played < self._minutes * 60:
            # A command needs time to be done, which goes by twenty times faster here.
            quiet = choose.uniform(1, 3) * 60
            async for frame in WavSource(choose.choice(self._clips), self._speed, silence=quiet).frames():
                self.played += FRAME_SECONDS
                yield frame


def clips(folder: Path, phrase: str, engine: str) -> list[Path]:
    """Write talk, and the wake word with each command, over noise; return the files."""
    from tinyagent.voice.sound import resampled, write_wav
    from tinyagent.voice.speak import open_synthesiser

    voice, noise = open_synthesiser(engine), np.random.default_rng(4)
    made = []
    for number, text in enumerate((*CHATTER * 5, *(f"{phrase}, {command}" for command in COMMANDS))):
        spoken = resampled(voice.speak(text), RATE).samples.astype(np.int32)
        path = folder / f"{number}.wav"
        heard = np.clip(spoken + noise.normal(0, NOISE, len(spoken)), -32768, 32767).astype(np.int16)
        write_wav(path, Sound(heard, RATE))
        made.append(path)
    return made


class Tally:
    """Counts what the daemon tells."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def __call__(self, news: News) -> None:
        """Count one of them."""
        match news:
            case Woken() | Understood() | Trouble():
                self.counts[type(news).__name__.lower()] += 1
            case Acted(Started()):
                self.counts["calls"] += 1


def state_of_process() -> tuple[float, int, int]:
    """Return resident memory in MiB, threads, and open files."""
    import psutil

    process = psutil.Process()
    return process.memory_info().rss / 2**20, threading.active_count(), process.num_fds()


async def soak(daemon: Daemon, day: Day, minutes: float, tally: Tally) -> list[float]:
    """Run the daemon to the end of the day; return the resident memory, in MiB, over time."""
    task = asyncio.create_task(daemon.run())
    memory: list[float] = []
    next_look, begun = 0.0, time.monotonic()
    while not task.done():
        await asyncio.wait([task], timeout=0.5)
        if day.played >= next_look or task.done():
            mb, threads, files = state_of_process()
            memory.append(mb)
            told = ", ".join(f"{name} {count}" for name, count in sorted(tally.counts.items()))
            speed = day.played / max(time.monotonic() - begun, 1e-9)
            sys.stdout.write(
                f"{day.played / 60:7.0f} min  {mb:6.0f} MiB  {threads} threads  {files} files  "
                f"{speed:4.1f}x  {told}\n"
            )
            sys.stdout.flush()
            next_look += minutes * 60 / REPORTS
    task.result()
    return memory


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the day and print; return the exit code."""
    from tinyagent.cli.scratch import Stock, scratch_settings
    from tinyagent.settings import load
    from tinyagent.voice.activity import SharedActivity, SileroActivity
    from tinyagent.voice.wake import open_wake_word

    parser = argparse.ArgumentParser(prog="python -m tinyagent.evaluation.voice_soak")
    parser.add_argument("--minutes", type=float, default=1440.0, help="minutes of sound")
    parser.add_argument("--speed", type=float, default=20.0, help="times real time")
    parser.add_argument("--wake", default="pocketsphinx", help="the wake word engine")
    parser.add_argument("--voice", default="piper", help="who speaks; pocketsphinx does not hear espeak-ng")
    given = parser.parse_args(arguments)
    tally = Tally()
    with scratch_settings(load(), Stock()) as settings, tempfile.TemporaryDirectory() as name:
        activity = SharedActivity(SileroActivity())
        word = open_wake_word(given.wake, "", activity)
        day = Day(given.minutes, given.speed, clips(Path(name), word.phrase, given.voice))
        built = replace(silent_stages(settings), source=day, activity=activity, wake=word, mode=Mode.ALWAYS)
        daemon = Daemon(built, tally)
        memory = asyncio.run(soak(daemon, day, given.minutes, tally))
    early, late = memory[len(memory) // 10], memory[-1]
    sys.stdout.write(f"Memory after the first tenth {early:.0f} MiB, at the end {late:.0f} MiB.\n")
    return int(late - early > GROWTH)


if __name__ == "__main__":
    sys.exit(main())
