"""The voice daemon: the ears wake it, a turn does what is said, and the person can stop it at any moment.

    ears ──Woken, SpokeUp──► inbox ─► daemon ─► turn: listening ─► … ─► answering
    control socket ──toggle, cancel, stop──┘

There is no echo cancellation. So while the assistant speaks, nothing that is heard counts as words, and only the wake
word or the key stops it; with `headset` (the microphone does not hear the loudspeaker) speech stops it too. A mail
that is read aloud can therefore never give a command, whatever it says.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from tinyagent.calls import Answer
from tinyagent.errors import TinyAgentError, VoiceError
from tinyagent.voice.acting import Acting
from tinyagent.voice.ears import Ears, Mode, Since
from tinyagent.voice.events import (
    Deaf,
    Entered,
    HearsAgain,
    News,
    Signal,
    SourceEnded,
    SpokeUp,
    State,
    Trouble,
    Woken,
)
from tinyagent.voice.mouth import Mouth
from tinyagent.voice.stages import Stages
from tinyagent.voice.transcribing import Transcribing
from tinyagent.voice.turn import TITLE, Record, Turn
from tinyagent.voice.worker import Worker

if TYPE_CHECKING:
    from tinyagent.voice.wyoming_server import Service

REMEMBERED = 20
"""Commands that are remembered, in memory, for whoever asks what was understood."""
GRACE = 4.0
"""Seconds that running work gets to end when the daemon does."""


class Press(Enum):
    """What a person asks of the daemon."""

    TOGGLE = "toggle"
    CANCEL = "cancel"
    STOP = "stop"


class Daemon:
    """Runs one set of stages; all methods belong to the event loop's thread."""

    def __init__(self, stages: Stages, tell: Callable[[News], None] = lambda news: None) -> None:
        self._stages, self._tell = stages, tell
        self._inbox: asyncio.Queue[Signal | Press | None] = asyncio.Queue()
        self._acting, self._transcribing = Acting(stages.assistant), Transcribing(stages.transcriber)
        self._after = Worker("after")
        self._mouth = Mouth(
            stages.sink,
            stages.synthesiser,
            tell=tell,
            earcon=stages.earcon,
            show=stages.show,
            silent=lambda: None if stages.headset else self._ears.let_go(),
        )
        self._ears = Ears(
            stages.source,
            stages.activity,
            stages.wake,
            stages.endpointer,
            emit=self._inbox.put_nowait,
            mode=stages.mode,
            sleep=stages.sleep,
        )
        self._turn = Turn(
            self._ears,
            self._mouth,
            self._transcribing,
            self._acting,
            stages.wording,
            phrase=stages.wake.phrase if stages.wake else "",
            headset=stages.headset,
            enter=self._enter,
            tell=tell,
            remember=lambda record: self.records.append(record),
            done=self._see_to,
        )
        self._task: asyncio.Task[None] | None = None
        self.state = State.LOADING
        self.trouble = ""
        self.records: deque[Record] = deque(maxlen=REMEMBERED)

    @property
    def begun(self) -> list[str]:
        """The tools whose calls run now."""
        return self._turn.begun

    @property
    def muted(self) -> bool:
        """Whether the microphone is closed because the person wants it so."""
        return self._ears.muted

    def mute(self, muted: bool) -> None:
        """Close the microphone, or let it be opened again."""
        self._ears.mute(muted)

    def press(self, what: Press) -> None:
        """Begin to listen, or end it; stop what is being done or said; or end the daemon.

        Raises `VoiceError` where nothing can be begun now.
        """
        if what is Press.TOGGLE and self.state is State.LOADING:
            raise VoiceError("The assistant is still loading: try again in a moment.")
        if what is Press.TOGGLE and self._ears.muted and self.state is State.IDLE:
            raise VoiceError("The microphone is muted: run `tinyagent listen --unmute`.")
        self._inbox.put_nowait(what)

    async def serve_wyoming(self, uri: str, is_open: bool = False) -> Service:
        """Let Wyoming clients use the assistant and the engines. Raises `TinyAgentError`."""
        from tinyagent.voice.wyoming_handler import Conversations
        from tinyagent.voice.wyoming_server import serve

        handler = Conversations(self._acting, self._stages.wording, done=self._see_to)
        return await serve(uri, handler, self._stages.transcriber, self._stages.synthesiser, is_open=is_open)

    async def run(self) -> None:
        """Load, and serve until stopped, cancelled, or the source has ended. Raises `TinyAgentError` of loading."""
        listening: asyncio.Task[None] | None = None
        try:
            await asyncio.gather(self._acting.load(), self._transcribing.load())
            self._enter(State.IDLE)
            listening = asyncio.create_task(self._ears.run())
            # A fault of the ears must not leave a daemon that hears nothing and says nothing.
            listening.add_done_callback(
                lambda task: self._inbox.put_nowait(Press.STOP if _broke(task) else None)
            )
            if self._stages.mode is Mode.TAPE:
                self._begin(Since.NOW)
            while (heard := await self._inbox.get()) is not Press.STOP and not self._over:
                await self._on(heard)
            if listening.done():
                listening.result()
        finally:
            await self._interrupt()
            if listening is not None:
                listening.cancel()
                await asyncio.wait([listening])
            await self._mouth.close()
            self._acting.close(GRACE)
            self._transcribing.close(GRACE)
            self._after.close(GRACE)

    @property
    def _over(self) -> bool:
        return self._ears.ended and self._task is None

    async def _on(self, heard: Signal | Press | None) -> None:
        """Do what a signal or a key asks for."""
        if isinstance(heard, Signal):
            self._tell(heard)
        match heard:
            case Woken():
                # What was heard while it spoke may have been itself.
                await self._listen(Since.NOW if self._mouth.speaking else Since.WAKE_WORD)
            case SpokeUp() if self.state is State.ANSWERING:
                await self._listen(Since.BEFORE)
            case Press.TOGGLE if self._ears.listening:
                self._ears.finish()
            case Press.TOGGLE if self.state in (State.IDLE, State.ANSWERING):
                await self._listen(Since.NOW)
            case Press.TOGGLE | Press.CANCEL:
                await self._cancel()
            case Deaf(sentence):
                self.trouble = sentence
                self._mouth.notify(TITLE, sentence)
            case HearsAgain():
                self.trouble = ""
            case SourceEnded():
                pass
            case None if self._stages.mode is Mode.TAPE and self._task is None and not self._ears.ended:
                self._begin(Since.NOW)

    async def _listen(self, since: Since) -> None:
        await self._interrupt()
        self._begin(since)

    async def _cancel(self) -> None:
        begun = self.begun
        if await self._interrupt():
            self._enter(State.IDLE)
            self._tell(Trouble(f"Stopped; {', '.join(begun)} had begun already." if begun else "Stopped."))
            self._mouth.cue("end")

    def _begin(self, since: Since) -> None:
        task = self._task = asyncio.create_task(self._turn.run(since))

        def over(_: object) -> None:
            if self._task is task:
                self._task = None
                self._enter(State.IDLE)
                self._inbox.put_nowait(None)

        task.add_done_callback(over)

    async def _interrupt(self) -> bool:
        """Stop the turn; return whether there was one."""
        task, self._task = self._task, None
        if task is None:
            return False
        task.cancel()
        await asyncio.wait([task])
        return True

    def _enter(self, state: State) -> None:
        if state is not self.state:
            self.state = state
            self._tell(Entered(state))

    def _see_to(self, answer: Answer) -> None:
        """Let what was done ring when its time comes, without waiting for that."""

        def ring() -> None:
            try:
                self._stages.ring(answer)
            except TinyAgentError as error:
                self._mouth.notify(TITLE, str(error))

        self._after.submit(ring)


def _broke(task: asyncio.Task[None]) -> bool:
    return not task.cancelled() and task.exception() is not None
