"""The listening half of the daemon: frames come in; the wake word, somebody's words, or trouble come out.

    microphone ─► wake word ─► Woken
               └► open window: activity ─► endpoint ─► Spoken

The microphone is open only while it has to be: with a wake word all the time, without one only while a window is
open. Muted it is closed. Where it goes away it is opened again, after a second, two, four, up to half a minute.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any

from tinyagent.errors import VoiceError
from tinyagent.voice.events import Deaf, HearsAgain, Signal, SourceEnded, Spoken, SpokeUp, Woken
from tinyagent.voice.hearing import SPEECH, Endpointing, OnPause, Window
from tinyagent.voice.protocols import Activity, AudioSource, Samples, WakeWord

REWIND = 50
"""Frames (1.6 s) before a window that may still count: the wake word, and what is said in one breath with it."""
LAG = 4
"""Frames that speech detection may lag behind the wake word."""
SETTLE = 6
"""Frames (0.19 s) that are let go where a window opens on a microphone that is open: they may have been on their way
since before, and so hold the assistant's own last word."""
BARGE_IN = 7
"""Frames of speech in a row (0.22 s) that count as somebody speaking up."""
SLOWEST = 30.0
"""Seconds at most between two attempts to open the microphone."""


class Mode(Enum):
    """When sound is taken from the source: always, while a window is open, or (a file) it waits between windows."""

    ALWAYS = "always"
    IN_WINDOWS = "in windows"
    TAPE = "tape"


class Since(Enum):
    """From when on a window hears: from now, from a moment ago, or from the wake word, which itself does not count."""

    NOW = "now"
    BEFORE = "before"
    WAKE_WORD = "wake word"


class Ears:
    """Listens; `emit` hears of signals."""

    def __init__(
        self,
        source: AudioSource,
        activity: Activity,
        wake: WakeWord | None,
        endpointer: Endpointing,
        *,
        emit: Callable[[Signal], None],
        mode: Mode,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._source, self._activity, self._wake, self._endpointer = source, activity, wake, endpointer
        self._emit, self._mode, self._sleep = emit, mode, sleep
        self._recent: deque[Samples] = deque(maxlen=REWIND)
        self._number = -1
        self._window: Window | None = None
        self._muted = self._guarding = self._deaf = False
        self._in_a_row = self._settling = 0
        self._wanted = asyncio.Event()
        self.ended = False
        self._decide()

    @property
    def muted(self) -> bool:
        """Whether nothing is heard because the person wants it so."""
        return self._muted

    @property
    def listening(self) -> bool:
        """Whether a window is open."""
        return self._window is not None

    def mute(self, muted: bool) -> None:
        """Close the microphone until told otherwise; an open window ends with nothing."""
        self._muted = muted
        if muted and self._window is not None:
            self._close(self._window)
        self._decide()

    def guard(self, on: bool) -> None:
        """Say `SpokeUp` when somebody speaks: only where the microphone cannot hear the loudspeaker."""
        self._guarding, self._in_a_row = on, 0

    def let_go(self) -> None:
        """Let what was heard so far count for nothing: the assistant itself has spoken."""
        if self._window is None:
            self._forget()
            self._settling = SETTLE if self._mode is Mode.ALWAYS else 0

    def finish(self) -> None:
        """End the open window now, with what has been said."""
        if self._window is not None:
            self._window.finish()
            self._close(self._window)

    async def hear(
        self, window: float, since: Since = Since.NOW, on_pause: OnPause = lambda so_far: None
    ) -> Spoken | None:
        """Return what somebody says, None where nobody begins to within `window` seconds of sound, or when muted.

        Raises `VoiceError` where the microphone cannot be opened or goes away.
        """
        if self._muted or self.ended:
            return None
        before = [] if since is Since.NOW else list(self._recent)
        after = self._number + LAG if since is Since.WAKE_WORD else -1
        self._settling = SETTLE if since is Since.NOW and self._mode is Mode.ALWAYS else 0
        self._forget()
        opened = self._window = Window(self._endpointer, window, after=after, on_pause=on_pause)
        for number, frame in enumerate(before, self._number + 1 - len(before)):
            opened.feed(number, frame, self._activity.probability(frame))
        self._decide()
        try:
            return await opened.result
        finally:
            self._close(opened)

    async def run(self) -> None:
        """Listen until the source ends; a file does, a microphone does not."""
        wait = 1.0
        while not self.ended:
            await self._wanted.wait()
            before = self._number
            try:
                self.ended = await self._listen()
            except VoiceError as error:
                wait = 1.0 if self._number > before else wait
                self._lost(error)
                # Without a wake word it is opened anew when somebody asks for it.
                await self._sleep(wait if self._mode is Mode.ALWAYS else 0)
                wait = min(2 * wait, SLOWEST)
        self.finish()
        self._emit(SourceEnded())

    async def _listen(self) -> bool:
        """Take sound while it is wanted; return whether the source has come to its end."""
        frames: Any = self._source.frames()
        try:
            async for frame in frames:
                self._take(frame)
                await asyncio.sleep(0)  # a source may have the next frame ready: the others get their turn
                if self._mode is Mode.TAPE:
                    await self._wanted.wait()
                elif not self._wanted.is_set():
                    return False
            return True
        finally:
            if hasattr(frames, "aclose"):
                await frames.aclose()

    def _take(self, frame: Samples) -> None:
        if self._deaf:
            self._deaf = False
            self._emit(HearsAgain())
        self._number += 1
        if self._settling:
            self._settling -= 1
            return
        if self._window is not None:
            self._window.feed(self._number, frame, self._activity.probability(frame))
            if self._window.result.done():
                self._close(self._window)
            return
        self._recent.append(frame)
        if self._wake is not None and self._wake.heard(frame):
            self._emit(Woken())
        if self._guarding:
            spoken = self._activity.probability(frame) >= SPEECH
            self._in_a_row = self._in_a_row + 1 if spoken else 0
            if self._in_a_row == BARGE_IN:
                self._emit(SpokeUp())

    def _close(self, window: Window) -> None:
        if not window.result.done():
            window.result.set_result(None)
        if window is self._window:
            self._window = None
            self._forget()
            self._decide()

    def _forget(self) -> None:
        self._recent.clear()
        self._activity.reset()
        if self._wake is not None:
            self._wake.reset()

    def _decide(self) -> None:
        """Let the microphone be open exactly while it has to be."""
        if not self._muted and (self._mode is Mode.ALWAYS or self._window is not None):
            self._wanted.set()
        else:
            self._wanted.clear()

    def _lost(self, error: VoiceError) -> None:
        if self._window is not None:
            window = self._window
            window.result.set_exception(error)
            self._close(window)
        elif not self._deaf:
            self._emit(Deaf(str(error)))
        self._forget()
        self._deaf = True
