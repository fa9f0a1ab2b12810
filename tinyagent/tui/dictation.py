"""Speaking instead of typing: a key begins it, the key again or a pause ends it, and the words come back as text.

The engines are those of the extra `voice`; without it there is no such key. Everything that takes time is done on
threads of its own, and a device or an engine that hangs is left behind with the program.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from threading import Thread
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from tinyagent.settings import Settings
from tinyagent.tui.services import sentence

if TYPE_CHECKING:
    from textual.widget import Widget
    from textual.worker import Worker

    from tinyagent.voice.endpoint import Endpointer, Utterance
    from tinyagent.voice.protocols import Activity, AudioSource, Transcriber

P = ParamSpec("P")
T = TypeVar("T")
KEY = "f6"
SILENCE = 8.0
"""Seconds without a word after which nobody seems to speak."""
READY, LISTENING = "Getting ready to listen …", "Listening: say it now. F6 ends it, Esc leaves it."
HEARING, WRITING = "I hear you. A pause or F6 ends it, Esc leaves it.", "Writing down what you said …"
NOTHING = "I heard nothing."


@dataclass(frozen=True, slots=True)
class Ears:
    """The engines between the sound and the words."""

    source: AudioSource
    activity: Activity
    endpointer: Endpointer
    transcriber: Transcriber


def is_possible() -> bool:
    """Whether the extra `voice` is installed."""
    return all(find_spec(package) for package in ("sounddevice", "faster_whisper"))


def open_ears(settings: Settings) -> Ears:
    """Return the engines of the person's settings; blocks. Raises `TinyAgentError` for one that is not there."""
    from tinyagent.voice.activity import SileroActivity
    from tinyagent.voice.build import transcriber
    from tinyagent.voice.endpoint import Endpointer
    from tinyagent.voice.microphone import Microphone
    from tinyagent.voice.options import read_options

    options = read_options(settings)
    # Somebody who dictates thinks between the words: the pause that ends it is longer than the daemon's.
    endpointer = Endpointer(patience=1.0)
    return Ears(Microphone(options.microphone), SileroActivity(), endpointer, transcriber(settings, options))


OpenEars = Callable[[], Ears]


class Dictation:
    """One utterance after the other, as workers of the widget `host`.

    `open` gives the engines (on a thread, once), `tell` hears how far it is, `put` the words. Nothing is raised: what
    goes wrong is told in a sentence.
    """

    def __init__(
        self,
        host: Widget,
        open: OpenEars | None,
        tell: Callable[[str], None],
        put: Callable[[str], None],
    ) -> None:
        self._host, self._open, self._tell, self._put = host, open, tell, put
        self._ears: Ears | None = None
        self._worker: Worker[None] | None = None
        self._over = False

    @property
    def active(self) -> bool:
        """Whether it listens, or writes down what it heard."""
        return self._worker is not None and not self._worker.is_finished

    def talk(self) -> None:
        """Listen; called again, take what was said so far for all of it."""
        if self.active:
            self._over = True
        elif self._open is not None:
            self._over = False
            self._worker = self._host.run_worker(self._listen(self._open), exit_on_error=False)

    def hush(self) -> None:
        """Stop listening, and leave what was said."""
        if self._worker is not None and self.active:
            self._worker.cancel()
            self._tell("")

    async def _listen(self, open: OpenEars) -> None:
        try:
            self._tell(READY)
            ears = self._ears
            if ears is None:
                ears = self._ears = await aside(open)
            said = await self._said(ears)
            if said is not None:
                self._tell(WRITING)
            words = (await aside(ears.transcriber.transcribe, said.samples)).text.strip() if said else ""
        except Exception as error:  # whatever an engine does, the person can go on typing
            self._tell(sentence(error))
            return
        self._tell("" if words else NOTHING)
        if words:
            self._put(words)

    async def _said(self, ears: Ears) -> Utterance | None:
        from tinyagent.voice.protocols import FRAME_SECONDS

        ears.activity.reset()
        ears.endpointer.reset()
        frames, silent, begun = ears.source.frames(), 0.0, False
        self._tell(LISTENING)
        try:
            async for frame in frames:
                said = ears.endpointer.feed(frame, ears.activity.probability(frame))
                if said is not None:
                    return said
                if ears.endpointer.speaking and not begun:
                    self._tell(HEARING)
                begun = ears.endpointer.speaking
                silent = 0.0 if begun else silent + FRAME_SECONDS
                if self._over or silent >= SILENCE:
                    break
            return ears.endpointer.finish()
        finally:
            close = getattr(frames, "aclose", None)
            if close is not None:
                await close()


async def aside(function: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """Return what a function that blocks returns, on a thread that the program does not wait for at its end."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if not future.done():
            future.set_exception(error) if error else future.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        try:
            outcome: tuple[T | None, BaseException | None] = function(*given, **named), None
        except BaseException as error:  # it is raised where the result is waited for
            outcome = None, error
        with suppress(RuntimeError):  # the app has ended meanwhile
            loop.call_soon_threadsafe(settle, *outcome)

    Thread(target=work, name="dictation", daemon=True).start()
    return await future
