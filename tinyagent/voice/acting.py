"""The assistant on a thread of its own: words go in, what happens comes out, and a call that needs a yes waits for it.

The thread owns the assistant. Where nobody listens any more the command is stopped at its next step: the stream is
closed, so running calls get a moment to end and the journal says what became of them.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Future, InvalidStateError
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from tinyagent.calls import Call, Tool
from tinyagent.errors import TinyAgentError, VoiceError
from tinyagent.events import Event
from tinyagent.voice.worker import Worker

if TYPE_CHECKING:
    from tinyagent.assistant import Assistant
    from tinyagent.conversation import Conversation

T = TypeVar("T")

PATIENCE = 3.0
"""Seconds that a new command waits for one that was stopped and still runs."""
WARM_UP = "set a timer for ten minutes"


class Stopped(BaseException):
    """The person has stopped the command."""


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """A call that needs a yes: it waits until `reply` is set."""

    tool: Tool
    call: Call
    reply: Future[bool] = field(default_factory=Future)


class Acting:
    """One conversation with the assistant that `make` returns."""

    def __init__(self, make: Callable[[], Assistant]) -> None:
        self._make = make
        self._worker = Worker("assistant")
        self._conversation: Conversation | None = None
        self._running: Future[Any] | None = None
        self._closed = threading.Event()

    async def load(self) -> None:
        """Load the models and plan once, so that the first command is as quick as the others."""
        await self._worker.do(self._load)

    @property
    def asks(self) -> bool:
        """Whether the last command ended in a question."""
        return self._conversation is not None and self._conversation.question is not None

    async def stream(self, text: str) -> AsyncGenerator[Event | Wish, None]:
        """Do what `text` says and yield what happens; close it to stop the command.

        Raises `TinyAgentError` as `Conversation.stream` does, and where an earlier command still runs.
        """
        await self._free()
        loop, inbox, stop = (
            asyncio.get_running_loop(),
            asyncio.Queue[Event | Wish | None](),
            threading.Event(),
        )
        waiting: list[Wish] = []

        def put(what: Event | Wish | None) -> None:
            with suppress(RuntimeError):  # the loop has closed: nobody listens
                loop.call_soon_threadsafe(inbox.put_nowait, what)

        def confirm(tool: Tool, call: Call) -> bool:
            wish = Wish(tool, call)
            waiting.append(wish)
            if stop.is_set():
                raise Stopped
            put(wish)
            return wish.reply.result()

        job = self._running = self._worker.submit(self._run, text, put, confirm, stop)
        job.add_done_callback(lambda job: put(None))
        try:
            while (what := await inbox.get()) is not None:
                yield what
            job.result()
        finally:
            stop.set()
            for wish in waiting:
                with suppress(InvalidStateError):
                    wish.reply.set_exception(Stopped())

    async def do(self, work: Callable[[Assistant], T]) -> T:
        """Make a call with the assistant on its thread, in turn with the commands.

        Raises `VoiceError` while it loads.
        """
        await self._free()
        job = self._running = self._worker.submit(self._with_it, work)
        return await asyncio.wrap_future(job)

    def lapse(self) -> None:
        """Take the open question back: what is said later is no answer to it."""

        def take_back() -> None:
            if self._conversation is not None and self._conversation.question is not None:
                self._conversation.turns.pop()

        self._worker.submit(take_back)

    def close(self, timeout: float) -> None:
        """Begin nothing more; wait for what runs."""
        self._closed.set()
        self._worker.close(timeout)

    async def _free(self) -> None:
        """Wait for a command that was stopped."""
        if self._running is None or self._running.done():
            return
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        self._running.add_done_callback(lambda job: loop.call_soon_threadsafe(over.set))
        try:
            async with asyncio.timeout(PATIENCE):
                await over.wait()
        except TimeoutError:
            raise VoiceError("The last command is still running: wait for it to end.") from None

    def _load(self) -> None:
        from tinyagent.conversation import Conversation

        assistant = self._make()
        for part in ("retriever", "selector", "filler"):
            if not self._closed.is_set():
                getattr(assistant, part)
        if not self._closed.is_set():
            assistant.plan(WARM_UP)
        self._conversation = Conversation(assistant)

    def _with_it(self, work: Callable[[Assistant], T]) -> T:
        if self._conversation is None:
            raise VoiceError("The assistant is still loading: try again in a moment.")
        return work(self._conversation.assistant)

    def _run(
        self,
        text: str,
        put: Callable[[Event], None],
        confirm: Callable[[Tool, Call], bool],
        stop: threading.Event,
    ) -> None:
        assert self._conversation is not None, "load comes first"
        stream = self._conversation.stream(text, confirm=confirm)
        with closing(cast("Generator[Event, None, None]", stream)) as events:
            for event in events:
                put(event)
                if stop.is_set():
                    raise Stopped


def sentence(error: BaseException) -> str:
    """Return what is said of an error."""
    if isinstance(error, TinyAgentError):
        return str(error)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}."
    return f"Something went wrong that should not ({type(error).__name__}): set TINYAGENT_DEBUG=1 to see the details."
