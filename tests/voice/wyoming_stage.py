"""A Wyoming service on a loop of its own, engines and a handler of a few lines, clients of `wyoming`."""

import asyncio
import sys
import threading
import warnings
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path

import numpy as np

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import wyoming.audio  # noqa: F401
from wyoming.client import AsyncClient

from tinyagent.calls import Plan
from tinyagent.errors import VoiceError
from tinyagent.voice.protocols import Sound, Transcript
from tinyagent.voice.worker import Worker
from tinyagent.voice.wyoming_server import serve
from tinyagent.voice.wyoming_talk import Reply

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))

PATIENCE = 120.0
"""Seconds after which a test has failed; nothing waits so long."""
NOW = datetime(2026, 3, 2, 9)


class Echo:
    """Answers each command with its conversation's number and the commands so far; refuses to `fly`."""

    def __init__(self):
        self.said, self.forgotten = {}, []
        self.plans = {}
        self.go = asyncio.Event()
        self.begun = self.cut = 0

    async def handle(self, conversation, text):
        if text == "wait":
            self.begun += 1
            try:
                await self.go.wait()
            except asyncio.CancelledError:
                self.cut += 1
                raise
        if text == "crash":
            raise ZeroDivisionError("a secret")
        said = self.said.setdefault(conversation, [])
        said.append(text)
        return Reply(f"You said {', '.join(said)}. That is all.", text != "fly")

    async def plan(self, conversation, text):
        if text == "fail":
            raise VoiceError("This cannot be planned.")
        return self.plans.get(text, Plan(text, NOW, end="none"))

    def forget(self, conversation):
        self.forgotten.append(conversation)


class Ear:
    """Writes down how many samples it was given."""

    def __init__(self):
        self.hotwords, self.samples, self.broken = (), None, None

    def transcribe(self, samples, hotwords=()):
        self.samples, self.hotwords = samples, tuple(hotwords)
        if self.broken:
            raise self.broken
        return Transcript(f"{len(samples)} samples", "")


class Voice:
    """Says each character as ten samples of its code."""

    rate = 16_000

    def __init__(self):
        self.broken = None

    def speak(self, text):
        if self.broken:
            raise self.broken
        return Sound(np.repeat(np.frombuffer(text.encode("utf-16-le"), np.int16), 10), self.rate)


class Thread:
    """The assistant's thread as the daemon has it: `make` is called there, once."""

    def __init__(self, make):
        self._make, self._worker, self._assistant = make, Worker("assistant"), None

    async def do(self, work):
        return await self._worker.do(self._with_it, work)

    def _with_it(self, work):
        self._assistant = self._assistant or self._make()
        return work(self._assistant)

    def close(self):
        self._worker.close(5)


@asynccontextmanager
async def service(uri="tcp://127.0.0.1:0", handler=None, ear=None, voice=None, **options):
    """A running service; its address as text is `made.uri`."""
    made = await serve(uri, handler or Echo(), ear or Ear(), voice or Voice(), **options)
    made.uri = str(made.address)
    try:
        yield made
    finally:
        await made.close()


@contextmanager
def beside(uri, ear, voice, handler=None):
    """A running service on a thread of its own, for tests that block; yields its address."""
    loop, started, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    found = []

    async def main():
        async with service(uri, handler, ear, voice) as made:
            found.append(made)
            started.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    try:
        assert started.wait(PATIENCE)
        yield found[0].uri
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(PATIENCE)
        loop.close()


def client(uri):
    return AsyncClient.from_uri(uri, connect_timeout=PATIENCE, read_timeout=PATIENCE)


async def ask(one, event, *until):
    """Send an event and return the answers, up to one of the classes `until`."""
    await one.write_event(event.event())
    return await answers(one, *until)


async def answers(one, *until):
    heard = []
    while True:
        event = await one.read_event()
        assert event is not None, heard
        heard.append(event)
        if any(kind.is_type(event.type) for kind in until):
            return heard


async def eventually(condition):
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)
