"""A voice daemon whose senses are a few lines each: what is "said" is a number in the samples, looked up in `WORDS`.

The endpointer, the turn, the threads and the assistant (with made-up tools) are the real ones.
"""

import asyncio
import sys
import threading
import time
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))

from scripted import TOOLS, ScriptedAssistant

from tinyagent.settings import load
from tinyagent.voice.build import Manner
from tinyagent.voice.daemon import Daemon
from tinyagent.voice.ears import Mode
from tinyagent.voice.endpoint import Endpointer
from tinyagent.voice.events import Acted, Entered, Said, State, Trouble, Understood
from tinyagent.voice.protocols import FRAME, Sound, Transcript
from tinyagent.voice.stages import Stages

WAKE = 99
PATIENCE = 30


class Microphone:
    """Yields what the test says, silence once it has been told to go on, and fails when it is to."""

    def __init__(self):
        self.waiting = asyncio.Queue()
        self.opened = 0
        self.open = False
        self.broken = None

    async def frames(self):
        self.opened += 1
        if self.broken:
            raise self.broken
        self.open = True
        try:
            while (what := await self.waiting.get()) is not None:
                if isinstance(what, Exception):
                    raise what
                yield np.full(FRAME, what, np.int16)
        finally:
            self.open = False

    def hear(self, number, frames=12, silence=20):
        """Put somebody's words in front of the microphone, and the pause after them."""
        for value in [number] * frames + [0] * silence:
            self.waiting.put_nowait(value)

    def silence(self, seconds):
        for _ in range(round(seconds / 0.032)):
            self.waiting.put_nowait(0)


class Loud:
    """Speech is what is not silent."""

    def __init__(self):
        self.resets = 0

    def probability(self, frame):
        return 0.95 if frame.any() else 0.02

    def reset(self):
        self.resets += 1


class Wake:
    phrase = "hey computer"

    def __init__(self):
        self.before = 0

    def heard(self, frame):
        before, self.before = self.before, int(frame[0])
        return before == WAKE and self.before != WAKE

    def reset(self):
        self.before = 0


class Ear:
    """Knows the words of each number; one that it does not know is noise. Counts what it is asked."""

    def __init__(self, words):
        self.words, self.asked, self.broken = words, 0, None

    def transcribe(self, samples, hotwords=()):
        self.asked += 1
        if self.broken:
            raise self.broken
        said = list(dict.fromkeys(int(v) for v in samples[::FRAME] if v and int(v) in self.words))
        text = " ".join(self.words[number] for number in said)
        return Transcript(text, text)


class Voice:
    def __init__(self):
        self.broken = None

    def speak(self, text):
        if self.broken:
            raise self.broken
        return Sound(np.frombuffer(text.encode("utf-16-le"), np.int16), 16_000)


class Room:
    """What is played stays in `played`; a piece with the words of `hold` in it lasts until `release`."""

    def __init__(self):
        self.played, self.cut = [], []
        self.held = ""
        self.broken = None
        self._hold, self._gate = "", asyncio.Event()

    def hold(self, words):
        self._hold, self.held = words, ""
        self._gate.clear()

    def release(self):
        self._hold = ""
        self._gate.set()

    async def play(self, sound):
        text = sound.samples.tobytes().decode("utf-16-le")
        if self.broken:
            raise self.broken
        if self._hold and self._hold in text:
            self.held = text
            try:
                await self._gate.wait()
            except asyncio.CancelledError:
                self.cut.append(text)
                raise
        self.played.append(text)


def earcon(name):
    return Sound(np.frombuffer(f"<{name}>".encode("utf-16-le"), np.int16), 16_000)


class Stage:
    """The daemon with all its parts at hand."""

    def __init__(self, home, words, *, wake=False, mode=None, headset=False):
        self.settings = load({"TINYAGENT_HOME": str(home), "TINYAGENT_TIMEZONE": "UTC"})
        self.home = home
        self.mic, self.ear, self.voice, self.room = Microphone(), Ear(words), Voice(), Room()
        self.news, self.rung, self.shown, self.slept = [], [], [], []
        self.changed = asyncio.Event()
        self.threads = set()
        self.daemon = Daemon(
            Stages(
                self.mic,
                Loud(),
                Wake() if wake else None,
                Endpointer(),
                self.ear,
                self._assistant,
                self.voice,
                self.room,
                Manner(lambda: self.settings.context().now),
                ring=lambda answer: self.rung.append(answer),
                show=lambda title, body: self.shown.append(body),
                earcon=earcon,
                mode=mode or (Mode.ALWAYS if wake else Mode.IN_WINDOWS),
                headset=headset,
                sleep=self._sleep,
            ),
            self._hear,
        )

    def _assistant(self):
        self.threads.add(threading.current_thread().name)
        return ScriptedAssistant(self.settings)

    async def _sleep(self, seconds):
        self.slept.append(seconds)
        await asyncio.sleep(0.001)

    def _hear(self, news):
        self.news.append(news)
        self.changed.set()

    async def until(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, (self.daemon.state, self.news[-8:])
            await asyncio.sleep(0.002)

    async def state(self, state):
        await self.until(lambda: self.daemon.state is state)

    def of(self, kind):
        return [news for news in self.news if isinstance(news, kind)]

    @property
    def states(self):
        return [news.state for news in self.of(Entered)]

    @property
    def understood(self):
        return [news.transcript.text for news in self.of(Understood)]

    @property
    def said(self):
        return [news.text for news in self.of(Said)]

    @property
    def troubles(self):
        return [news.sentence for news in self.of(Trouble)]

    @property
    def events(self):
        return [type(news.event).__name__ for news in self.of(Acted)]

    @property
    def ran(self):
        return sorted(path.name for path in (self.home / "state" / "ran").glob("*"))


def play(home, words, script, **options):
    """Run `script(stage)` beside the daemon, then stop that; returns the stage. An error in either is raised."""

    async def main():
        stage = Stage(home, words, **options)
        async with running(stage):
            await script(stage)
        return stage

    return asyncio.run(main())


@asynccontextmanager
async def running(stage):
    task = asyncio.create_task(stage.daemon.run())
    try:
        while stage.daemon.state is State.LOADING:
            assert not task.done(), task.result()
            await asyncio.sleep(0.002)
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


__all__ = ["TOOLS", "WAKE", "Stage", "play", "running"]
