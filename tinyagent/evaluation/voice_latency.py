"""How long it takes from the end of speech to the start of the call, stage by stage; what listening costs.

    python -m tinyagent.evaluation.voice_latency [--count 30] [--voice espeak-ng|piper] [--idle 30] [--json]

Commands are synthesised over a little noise, and played one after the other in real time through `WavSource` into the
daemon as it is shipped; only the loudspeaker is silent, and the stores are scratch. Speech ends with its last sample
above a hundredth of the loudest; a stage ends when the daemon tells of it:

    endpointing   until the pause was long enough
    stt           until the words are known (most of it happens during the pause)
    plan          until the first call is planned: retrieve, select, fill, ground
    start         until it has begun to run
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tinyagent.evaluation.bench_report import Load
from tinyagent.evaluation.metrics import peak_memory_mb, percentile
from tinyagent.evaluation.voice_commands import COMMANDS
from tinyagent.events import Answered, Planned, Started
from tinyagent.settings import Settings
from tinyagent.voice.daemon import Daemon
from tinyagent.voice.ears import Mode
from tinyagent.voice.events import Acted, Entered, Listened, News, State, Understood
from tinyagent.voice.options import Options
from tinyagent.voice.protocols import FRAME, RATE, AudioSource, Samples, Sound
from tinyagent.voice.sound import write_wav
from tinyagent.voice.stages import Stages

BEFORE, AFTER = 0.5, 2.0
"""Seconds of noise before and after a command."""
NOISE = 12
"""Standard deviation of it, of 32,768."""
STAGES = ("endpointing", "stt", "plan", "start")


@dataclass(slots=True)
class Row:
    """One command: the number of the frame with which its speech ends, and when each stage ended, in seconds.

    `processor` is the processor time from there to the call: what the wait would be made of on a machine that is idle.
    """

    command: str
    last: int
    ended: float = 0.0
    at: dict[str, float] = field(default_factory=dict)
    heard: str = ""
    processor: float = 0.0
    inside: dict[str, float] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether a call was started for it."""
        return bool(self.ended) and "start" in self.at

    def stage(self, name: str) -> float:
        """Return the seconds that a stage took."""
        before = STAGES[: STAGES.index(name)]
        return self.at[name] - (self.at[before[-1]] if before else self.ended)


class Tape:
    """Sources one after the other; `times` notes when each frame was handed on, `used` the processor time by then.

    Each has its own real time: what the daemon does between two commands only puts the second off.
    """

    def __init__(self, sources: Sequence[AudioSource], clock: Callable[[], float] = time.monotonic) -> None:
        self._sources, self._clock = sources, clock
        self.times: list[float] = []
        self.used: list[float] = []

    async def frames(self) -> AsyncIterator[Samples]:
        """Yield the frames of all sources."""
        for source in self._sources:
            async for frame in source.frames():
                self.times.append(self._clock())
                self.used.append(time.process_time())
                yield frame


class Watch:
    """Hears the daemon's news and notes for the command at hand when each stage ended."""

    def __init__(self, rows: Sequence[Row], tape: Tape, clock: Callable[[], float] = time.monotonic) -> None:
        self._rows, self._tape, self._clock = rows, tape, clock
        self._row: Row | None = None

    def __call__(self, news: News) -> None:
        """Note one of them."""
        now = self._clock()
        match news:
            case Listened(spoken):
                self._row = min(self._rows, key=lambda row: abs(row.last - spoken.last))
                self._row.ended = self._tape.times[self._row.last]
                self._note("endpointing", now)
            case Understood(transcript) if self._row:
                self._note("stt", now)
                self._row.heard = transcript.text
            case Acted(Planned()):
                self._note("plan", now)
            case Acted(Started()) if self._row and "start" not in self._row.at:
                self._note("start", now)
                self._row.processor = time.process_time() - self._tape.used[self._row.last]
            case Acted(Answered(answer)) if self._row:
                self._row.inside = dict(answer.plan.timings_ms)

    def _note(self, stage: str, now: float) -> None:
        if self._row is not None:
            self._row.at.setdefault(stage, now)


def clips(commands: Sequence[str], engine: str) -> tuple[list[Samples], list[Row]]:
    """Return a recording of each command, int16 [n] at 16 kHz in whole frames, and where the speech of each ends.

    The numbers of the frames go on from one recording to the next.
    """
    from tinyagent.voice.sound import resampled
    from tinyagent.voice.speak import open_synthesiser

    voice, random = open_synthesiser(engine), np.random.default_rng(1)
    made, rows, before = [], [], 0
    for command in commands:
        spoken = resampled(voice.speak(command), RATE).samples.astype(np.int32)
        lead, after = round(BEFORE * RATE), round(AFTER * RATE)
        loud = np.flatnonzero(np.abs(spoken) > np.abs(spoken).max() / 100)
        rows.append(Row(command, before + int(lead + loud[-1]) // FRAME))
        size = -(-(lead + len(spoken) + after) // FRAME) * FRAME
        noise = random.normal(0, NOISE, size)
        noise[lead : lead + len(spoken)] += spoken
        made.append(np.clip(noise, -32768, 32767).astype(np.int16))
        before += size // FRAME
    return made, rows


class _Nowhere:
    """A loudspeaker that keeps nothing of what it is given, however long it runs."""

    async def play(self, sound: Sound) -> None:
        await asyncio.sleep(0)


def silent_stages(settings: Settings) -> Stages:
    """Return the stages as they are shipped, but silent: no loudspeaker, no notification, nothing that rings."""
    from tinyagent.assistant import Assistant
    from tinyagent.voice.build import stages

    assistant = Assistant(settings)
    built = stages(settings, Options(), sink=_Nowhere(), assistant=lambda: assistant)
    return replace(built, ring=lambda answer: None, show=None)


async def commands_spoken(built: Stages, folder: Path, commands: Sequence[str], engine: str) -> list[Row]:
    """Play the commands to a daemon without a wake word and return what came of each."""
    from tinyagent.voice.microphone import WavSource

    recordings, rows = clips(commands, engine)
    sources = []
    for number, samples in enumerate(recordings):
        write_wav(folder / f"{number}.wav", Sound(samples, RATE))
        sources.append(WavSource(folder / f"{number}.wav", silence=0))
    tape = Tape(sources)
    await Daemon(replace(built, source=tape, mode=Mode.TAPE), Watch(rows, tape)).run()
    return rows


async def idle_share(built: Stages, folder: Path, seconds: float, wake: str) -> float:
    """Return the share of a core that waiting for the wake word in a quiet room takes."""
    from tinyagent.voice.activity import SharedActivity, SileroActivity
    from tinyagent.voice.microphone import WavSource
    from tinyagent.voice.wake import open_wake_word

    noise = np.random.default_rng(2).normal(0, NOISE, round(seconds * RATE)).astype(np.int16)
    write_wav(folder / "noise.wav", Sound(noise, RATE))
    activity = SharedActivity(SileroActivity())
    source, word = WavSource(folder / "noise.wav", silence=0), open_wake_word(wake, "", activity)
    begun: list[float] = []

    def tell(news: News) -> None:
        if news == Entered(State.IDLE) and not begun:
            begun.extend((time.process_time(), time.monotonic()))

    stages = replace(built, source=source, activity=activity, wake=word, mode=Mode.ALWAYS)
    await Daemon(stages, tell).run()
    return (time.process_time() - begun[0]) / (time.monotonic() - begun[1])


def report(rows: Sequence[Row]) -> dict[str, Any]:
    """Return p50 and p95 of every stage in milliseconds, over the commands for which a call started."""
    done = [row for row in rows if row.complete]
    columns = {stage: [row.stage(stage) * 1000 for row in done] for stage in STAGES}
    columns["end of speech to call"] = [(row.at["start"] - row.ended) * 1000 for row in done]
    columns["  processor time of it"] = [row.processor * 1000 for row in done]
    for name in dict.fromkeys(name for row in done for name in row.inside):
        columns[f"  of plan: {name}"] = [row.inside[name] for row in done if name in row.inside]
    figures = {
        name: {"p50": percentile(ms, 50), "p95": percentile(ms, 95)} for name, ms in columns.items() if ms
    }
    missing = [{"command": row.command, "heard": row.heard} for row in rows if not row.complete]
    return {"commands": len(rows), "started": len(done), "ms": figures, "not_started": missing}


def table(found: dict[str, Any]) -> str:
    """Return the report for people."""
    lines = [f"{found['started']} of {found['commands']} commands started a call.  ms: p50, p95"]
    lines += [f"  {name:<24}{ms['p50']:8.0f}{ms['p95']:8.0f}" for name, ms in found["ms"].items()]
    lines += [f"  no call: “{one['command']}”, heard “{one['heard']}”" for one in found["not_started"]]
    lines += [f"{name}: {value}" for name, value in found.get("also", {}).items()]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    from tinyagent.cli.scratch import Stock, scratch_settings
    from tinyagent.settings import load

    parser = argparse.ArgumentParser(prog="python -m tinyagent.evaluation.voice_latency")
    parser.add_argument("--count", type=int, default=len(COMMANDS), help="how many commands")
    parser.add_argument("--voice", default="espeak-ng", help="the synthesiser that says them")
    parser.add_argument("--idle", type=float, default=30.0, help="seconds of listening to measure (0: none)")
    parser.add_argument("--wake", default="pocketsphinx", help="the wake word engine that listens then")
    parser.add_argument("--json", action="store_true", help="print every figure as one JSON object")
    given = parser.parse_args(arguments)
    sys.stderr.write(f"{Load.now().sentence}\n")
    with scratch_settings(load(), Stock()) as settings, tempfile.TemporaryDirectory() as name:
        folder, built = Path(name), silent_stages(settings)
        rows = asyncio.run(commands_spoken(built, folder, COMMANDS[: given.count], given.voice))
        found = report(rows)
        also = found["also"] = {"peak memory, MiB": round(peak_memory_mb())}
        if given.idle:
            share = asyncio.run(idle_share(built, folder, given.idle, given.wake))
            also[f"share of a core while waiting ({given.wake})"] = f"{share:.1%}"
            also["peak memory with it, MiB"] = round(peak_memory_mb())
    sys.stdout.write((json.dumps(found, ensure_ascii=False) if given.json else table(found)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
