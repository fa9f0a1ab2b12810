"""The speaking half of the daemon: sentences are spoken one after the other while the next ones are being made.

    text ─► sentences ─► synthesiser (a thread) ─► queue ─► speaker

Where the loudspeaker or the voice does not work, that is told once and the notification has to do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from tinyagent.errors import TinyAgentError, VoiceError
from tinyagent.tools.phrases import harmless
from tinyagent.voice.events import Said, Tell, Trouble
from tinyagent.voice.pieces import split
from tinyagent.voice.protocols import AudioSink, Sound, Synthesiser
from tinyagent.voice.worker import Worker

AHEAD = 2
"""Sentences made before they are needed."""

_log = logging.getLogger(__name__)


class Mouth:
    """Speaks, plays earcons, shows notifications; never raises for a device that does not work."""

    def __init__(
        self,
        sink: AudioSink,
        synthesiser: Synthesiser,
        *,
        tell: Tell,
        earcon: Callable[[str], Sound] | None = None,
        show: Callable[[str, str], object] | None = None,
        silent: Callable[[], None] = lambda: None,
    ) -> None:
        """Take the engines; `earcon` makes the sound of a name, `show` a notification of title and body (may block).

        `silent` is called whenever it has stopped speaking.
        """
        self._sink, self._synthesiser, self._tell = sink, synthesiser, tell
        self._earcon, self._show, self._silent = earcon, show, silent
        self._voice, self._notices = Worker("voice"), Worker("notices")
        self._turn = asyncio.Lock()
        self._cues: set[asyncio.Task[None]] = set()
        self._broken = False
        self.speaking = False

    async def say(self, text: str) -> bool:
        """Speak the text; return, once it has been heard, whether all of it was. Cancelling the call silences it."""
        self._tell(Said(text))
        whole = False
        sounds: asyncio.Queue[Sound | None] = asyncio.Queue(AHEAD)
        making = asyncio.create_task(self._make(split(text), sounds))
        try:
            if self._cues:  # an earcon comes first
                await asyncio.wait(self._cues)
            async with self._turn:
                self.speaking = True
                while (sound := await sounds.get()) is not None:
                    if sound.samples.size:
                        await self._sink.play(sound)
                whole = await making
            self._broken = self._broken and not whole
        except TinyAgentError as error:
            self._trouble(error)
        finally:
            self.speaking = False
            self._silent()
            making.cancel()
            await asyncio.wait([making])
        return whole

    def cue(self, name: str) -> None:
        """Play an earcon soon, without waiting for it."""
        if self._earcon is not None:
            task = asyncio.create_task(self._play(self._earcon(name)))
            self._cues.add(task)
            task.add_done_callback(self._cues.discard)

    def notify(self, title: str, body: str) -> None:
        """Show a notification, without waiting for it."""
        if self._show is not None:
            self._notices.submit(self._quietly, self._show, harmless(title), harmless(body))

    async def close(self) -> None:
        """Fall silent."""
        for task in self._cues:
            task.cancel()
        await asyncio.gather(*self._cues, return_exceptions=True)
        self._voice.close()
        self._notices.close(timeout=1)

    async def _make(self, parts: list[str], sounds: asyncio.Queue[Sound | None]) -> bool:
        """Make the sounds and then None; return whether all of them could be made."""
        whole = True
        try:
            for part in parts:
                await sounds.put(await self._voice.do(self._synthesiser.speak, part))
        except Exception as error:
            _log.debug("the voice broke", exc_info=True)
            broken = VoiceError("The voice does not work: run `tinyagent listen --doctor`.")
            self._trouble(error if isinstance(error, TinyAgentError) else broken)
            whole = False
        await sounds.put(None)
        return whole

    async def _play(self, sound: Sound) -> None:
        try:
            async with self._turn:
                await self._sink.play(sound)
        except TinyAgentError as error:
            self._trouble(error)

    def _trouble(self, error: TinyAgentError) -> None:
        if not self._broken:
            self._broken = True
            self._tell(Trouble(str(error)))
            self.notify("tinyagent cannot speak", str(error))

    def _quietly(self, show: Callable[[str, str], object], title: str, body: str) -> None:
        with suppress(Exception):  # the answer is spoken all the same
            show(title, body)
