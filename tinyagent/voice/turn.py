"""One exchange with the person, in the order in which it happens.

    listening ─► transcribing ─► acting ─► answering ─┬─► over
        ▲                           │ a call needs a   │
        │                           ▼ yes              │ a question is open
        │                       confirming             │
        └──────────────────── listening for an answer ─┘

It runs as one task: cancelling it stops whatever it is at, and with it a command that is being done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol

from tinyagent.calls import Answer, Call, Tool
from tinyagent.errors import TinyAgentError
from tinyagent.events import Answered, Finished, Started
from tinyagent.voice.acting import Acting, Wish, sentence
from tinyagent.voice.ears import Ears, Since
from tinyagent.voice.events import Acted, Listened, State, Tell, Trouble, Understood
from tinyagent.voice.mouth import Mouth
from tinyagent.voice.phrase import without_phrase
from tinyagent.voice.protocols import Transcript
from tinyagent.voice.transcribing import Transcribing

WINDOW = 8.0
"""Seconds in which somebody has to begin to speak."""
ASKINGS = 2
"""How often a confirmation is asked for: an answer that is neither yes nor no gets one more chance."""
NOT_UNDERSTOOD = "I did not understand that."
YES_OR_NO = "I need a yes or a no. Shall I do it?"
TITLE = "tinyagent"

_log = logging.getLogger(__name__)


class Wording(Protocol):
    """How things are said and what is a yes: see `build.wording`."""

    def answer(self, given: Answer) -> str:
        """Return what is said of an answer, its open question included."""
        ...

    def read_back(self, tool: Tool, call: Call) -> str:
        """Return the question whether a call may run, with all its arguments."""
        ...

    def agrees(self, text: str, tool: str) -> bool | None:
        """Return whether the words are a yes or a no to it, None where nobody knows."""
        ...


@dataclass(frozen=True, slots=True)
class Record:
    """One command as it is remembered, in memory only: what was heard, what was understood, the answer."""

    heard: str
    text: str
    answer: str


class Turn:
    """An exchange. `enter` is told of the state, `remember` of each command, `done` of each answer."""

    def __init__(
        self,
        ears: Ears,
        mouth: Mouth,
        transcribing: Transcribing,
        acting: Acting,
        wording: Wording,
        *,
        phrase: str,
        headset: bool,
        enter: Callable[[State], None],
        tell: Tell,
        remember: Callable[[Record], None],
        done: Callable[[Answer], None],
    ) -> None:
        self._ears, self._mouth, self._transcribing = ears, mouth, transcribing
        self._acting, self._wording = acting, wording
        self._phrase, self._headset = phrase, headset
        self._enter, self._tell, self._remember, self._done = enter, tell, remember, done
        self._begun: dict[int, str] = {}

    @property
    def begun(self) -> list[str]:
        """The tools of the calls that have begun and not ended."""
        return sorted(self._begun.values())

    async def run(self, since: Since) -> None:
        """Listen, do it, answer; go on while there is a question. Never raises but to be cancelled."""
        try:
            state = State.LISTENING
            while (transcript := await self._heard(state, since)) is not None:
                answer = await self._act(transcript)
                if answer is None or not await self._answer(answer):
                    return
                state, since = State.FOLLOW_UP, Since.NOW
            self._acting.lapse()
            self._mouth.cue("end")
        except Exception as error:  # whatever it is, the daemon goes on
            _log.debug("a turn broke", exc_info=True)
            await self._fail(sentence(error))

    async def _heard(self, state: State, since: Since = Since.NOW) -> Transcript | None:
        """Return what somebody says, None where nobody does."""
        self._enter(state)
        if state is not State.CONFIRMING:
            self._mouth.cue("wake" if state is State.LISTENING else "question")
        while True:
            spoken = await self._ears.hear(WINDOW, since, self._transcribing.ahead)
            if spoken is None:
                return None
            self._tell(Listened(spoken))
            self._enter(State.TRANSCRIBING if state is not State.CONFIRMING else state)
            transcript = await self._transcribing.words(spoken)
            if since is Since.WAKE_WORD:
                transcript = replace(transcript, text=without_phrase(transcript.text, self._phrase))
            self._tell(Understood(transcript))
            if transcript.text or since is not Since.WAKE_WORD:
                return transcript
            # It was no more than the wake word: the command is still to come.
            self._enter(state)
            since = Since.NOW

    async def _act(self, transcript: Transcript) -> Answer | None:
        """Do what was said; None where nothing was, or it could not be done at all."""
        if not transcript.text:
            await self._fail(NOT_UNDERSTOOD)
            return None
        self._enter(State.ACTING)
        self._begun.clear()
        answer: Answer | None = None
        try:
            async with aclosing(self._acting.stream(transcript.text)) as stream:
                async for happened in stream:
                    match happened:
                        case Wish(tool, call, reply):
                            reply.set_result(await self._confirm(tool, call))
                            self._enter(State.ACTING)
                            continue
                        case Started(index, call):
                            self._begun[index] = call.tool
                        case Finished(index):
                            self._begun.pop(index, None)
                        case Answered(given):
                            answer = given
                    self._tell(Acted(happened))
        except TinyAgentError as error:
            self._remember(Record(transcript.heard, transcript.text, str(error)))
            raise
        assert answer is not None, "a stream ends in an answer"
        self._remember(Record(transcript.heard, transcript.text, answer.text))
        self._done(answer)
        return answer

    async def _confirm(self, tool: Tool, call: Call) -> bool:
        """Read the call back, and only then listen for a yes. No answer is a no, and so is a question nobody heard."""
        question = self._wording.read_back(tool, call)
        for _ in range(ASKINGS):
            self._enter(State.CONFIRMING)
            self._mouth.notify(TITLE, question)
            if not await self._mouth.say(question):
                return False
            transcript = await self._heard(State.CONFIRMING)
            if transcript is None:
                return False
            agreed = self._wording.agrees(transcript.heard, tool.name)
            if agreed is not None:
                return agreed
            question = YES_OR_NO
        return False

    async def _answer(self, answer: Answer) -> bool:
        """Say the answer; return whether it ends in a question that somebody can answer now."""
        self._enter(State.ANSWERING)
        failed = any(result.status == "failed" for result in answer.results)
        self._mouth.cue("failed" if failed else "done")
        self._mouth.notify(TITLE, answer.text)
        self._ears.guard(self._headset)
        try:
            await self._mouth.say(self._wording.answer(answer))
        finally:
            self._ears.guard(False)
        return self._acting.asks

    async def _fail(self, said: str) -> None:
        self._enter(State.ANSWERING)
        self._mouth.cue("failed")
        self._tell(Trouble(said))
        self._mouth.notify(TITLE, said)
        await self._mouth.say(said)
