"""One client of the Wyoming service: its events in the order in which they come, and the answer to each."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from tinyagent.calls import Call
from tinyagent.errors import TinyAgentError
from tinyagent.tools.phrases import harmless
from tinyagent.voice import wyoming_events as events
from tinyagent.voice import wyoming_wire as wire
from tinyagent.voice.acting import sentence
from tinyagent.voice.pieces import split
from tinyagent.voice.protocols import Synthesiser, Transcriber, Transcript
from tinyagent.voice.sound import resampled
from tinyagent.voice.worker import Worker
from tinyagent.voice.wyoming_handler import Handler
from tinyagent.voice.wyoming_info import info
from tinyagent.voice.wyoming_sound import Recording, chunks, starting

COMMAND, SPEECH = 2_000, 10_000
"""Characters of a command, and of a text that is to be spoken."""
NAME = 100
"""Characters of a conversation's name, and of a name that may well be said."""
NAMES = 100
SILENT_RATE = 22_050
"""Samples per second of a text in which nothing can be said."""
NO_TOOL = "I have no tool for that."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines of the service, each with its thread."""

    transcriber: Transcriber
    synthesiser: Synthesiser
    hearing: Worker
    speaking: Worker

    def close(self) -> None:
        """Begin nothing more."""
        self.hearing.close()
        self.speaking.close()


class Client:
    """A connection; `name` is that of its conversation where it gives none itself."""

    def __init__(
        self,
        name: Hashable,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        handler: Handler,
        engines: Engines,
    ) -> None:
        self._name, self._reader, self._writer = name, reader, writer
        self._handler, self._engines = handler, engines
        self._recording: Recording | None = None
        self._deaf = False
        self._names: list[str] = []

    async def serve(self) -> None:
        """Answer until the client has gone. Raises `OSError` where it breaks off, `MalformedError` for no event."""
        while (event := await wire.read_event(self._reader)) is not None:
            answer = next((method for kind, method in ANSWERS.items() if kind.is_type(event.type)), None)
            if answer is None:
                continue  # the protocol wants it so: there may be newer events
            try:
                await answer(self, event)
            except wire.MalformedError as error:
                await self._send(events.Error(str(error), "malformed"))
            except TinyAgentError as error:
                await self._send(events.Error(str(error), "failed"))
            except OSError:
                raise
            except Exception as error:  # whatever it is, the connection goes on
                _log.debug("a request broke", exc_info=True)
                await self._send(events.Error(sentence(error), "failed"))

    async def _send(self, event: events.Eventable) -> None:
        await wire.write_event(self._writer, event)

    async def _describe(self, event: events.Event) -> None:
        await self._send(info())

    async def _pong(self, event: events.Event) -> None:
        text = event.data.get("text")
        await self._send(events.Pong(harmless(text) if isinstance(text, str) else None))

    async def _command(self, event: events.Event) -> None:
        text, (name, context) = _text(event, COMMAND), self._conversation(event)
        reply = await self._handler.handle(name, text)
        said = harmless(reply.text)
        if not reply.handled:
            await self._send(events.NotHandled(said, context))
            return
        await self._send(events.HandledStart(context))
        for piece in split(said):
            await self._send(events.HandledChunk(f"{piece} "))
        await self._send(events.Handled(said, context))
        await self._send(events.HandledStop())

    async def _recognize(self, event: events.Event) -> None:
        text, (name, context) = _text(event, COMMAND), self._conversation(event)
        try:
            plan = await self._handler.plan(name, text)
        except TinyAgentError as error:
            await self._send(events.NotRecognized(harmless(str(error)), context))
            return
        remark = harmless(plan.question.text if plan.question else plan.reason)
        if not plan.calls:
            await self._send(events.NotRecognized(remark or NO_TOOL, context))
            return
        # A client that knows no lists takes the first.
        several = len(plan.calls) > 1
        if several:
            await self._send(events.IntentsStart(context))
        for call in plan.calls:
            await self._send(_intent(call, remark if call is plan.calls[-1] else "", context))
        if several:
            await self._send(events.IntentsStop(context))

    async def _transcribe(self, event: events.Event) -> None:
        self._recording, self._deaf = None, False
        names = event.data.get("transcript_names") or []
        if not isinstance(names, list):
            raise wire.MalformedError("The names of a transcription must be a list.")
        self._names = [name for name in names[:NAMES] if isinstance(name, str) and 0 < len(name) <= NAME]

    async def _sound_begins(self, event: events.Event) -> None:
        self._deaf, self._recording = True, None  # until it is known to be right
        self._recording = Recording(event)
        self._deaf = False

    async def _sound(self, event: events.Event) -> None:
        if self._deaf:
            return
        try:
            self._recording = self._recording or Recording(event)
            self._recording.add(event)
        except wire.MalformedError:
            self._deaf, self._recording = True, None  # the rest of it would be the same
            raise

    async def _sound_ends(self, event: events.Event) -> None:
        recording, deaf = self._recording, self._deaf
        self._recording, self._deaf = None, False
        if deaf:
            return  # it has been told so
        text = ""
        if recording is not None:
            text = (await self._engines.hearing.do(self._heard, recording)).text
        await self._send(events.Transcript(harmless(text), language="en"))

    def _heard(self, recording: Recording) -> Transcript:
        return self._engines.transcriber.transcribe(recording.samples(), self._names)

    async def _synthesize(self, event: events.Event) -> None:
        text = _text(event, SPEECH)
        if event.data.get("text_format") not in (None, "text"):
            raise wire.MalformedError("Only plain text is spoken here.")
        rate, sent = 0, 0
        try:
            for piece in split(text):
                sound = await self._engines.speaking.do(self._engines.synthesiser.speak, piece)
                if not rate:
                    rate = sound.rate
                    await self._send(starting(rate))
                for chunk in chunks(resampled(sound, rate), sent):
                    await self._send(chunk)
                    sent += len(chunk.audio) // 2
        except TinyAgentError as error:
            await self._send(events.Error(str(error), "failed"))
            if not rate:
                return
        if not rate:
            await self._send(starting(SILENT_RATE))
        # Also after a fault: somebody who does not know errors would wait for it.
        await self._send(events.AudioStop(timestamp=sent * 1000 // (rate or SILENT_RATE)))

    async def _ignore(self, event: events.Event) -> None:
        """There is one program for everything."""

    def _conversation(self, event: events.Event) -> tuple[Hashable, dict[str, Any] | None]:
        """Return which conversation an event belongs to, and the context that is given back for the next."""
        context = event.data.get("context")
        name = context.get("conversation_id") if isinstance(context, dict) else None
        if not isinstance(name, str) or not name or len(name) > NAME or harmless(name) != name:
            return self._name, None
        return ("named", name), {"conversation_id": name}


ANSWERS: Mapping[type[events.Eventable], Callable[[Client, events.Event], Awaitable[None]]] = {
    events.AudioChunk: Client._sound,
    events.AudioStart: Client._sound_begins,
    events.AudioStop: Client._sound_ends,
    events.Describe: Client._describe,
    events.Ping: Client._pong,
    events.Recognize: Client._recognize,
    events.SelectProgram: Client._ignore,
    events.Synthesize: Client._synthesize,
    events.Transcribe: Client._transcribe,
    events.Transcript: Client._command,
}
"""What is done about each event; every other one is left alone."""


def _text(event: events.Event, most: int) -> str:
    text = event.data.get("text")
    if not isinstance(text, str) or len(text) > most:
        raise wire.MalformedError(f"This needs a text of at most {most} characters.")
    return text.encode("utf-8", "replace").decode()  # half a character cannot be sent back


def _intent(call: Call, text: str, context: dict[str, Any] | None) -> events.Intent:
    """Return a planned call; a value may be "$1", the result of the first."""
    values = json.loads(json.dumps(dict(call.args), default=str))
    entities = [events.Entity(name, value) for name, value in values.items() if value is not None]
    return events.Intent(call.tool, entities, text or None, context)
