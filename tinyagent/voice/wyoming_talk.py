"""One conversation over Wyoming. A call that needs a yes is read back and left; the next words decide about it.

Nobody is waited for: unlike at the microphone, the answer to a question is a message that may never come, and the
assistant has others to serve. So the call is declined for now, and a yes runs it, and what needed it, with what the
command has come to so far. Only the very next words of the same conversation count, for a minute.

All of it belongs to the assistant's thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from tinyagent.calls import Answer, Call, Plan, Result, Tool
from tinyagent.events import Answered, Event
from tinyagent.voice.acting import Stopped
from tinyagent.voice.turn import Wording

if TYPE_CHECKING:
    from tinyagent.assistant import Assistant
    from tinyagent.conversation import Conversation

VALID = 60.0
"""Seconds in which a yes counts."""
TOO_LATE = "I no longer wait for that, so I did nothing. Say it again from the beginning."


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said to a command; `handled` says whether it was understood and done, or a question is open.

    `answer` is what it came to, None where nothing was tried.
    """

    text: str
    handled: bool
    answer: Answer | None = None


class Talk:
    """A conversation and the calls in it that wait for a yes. `clock` counts seconds."""

    def __init__(self, wording: Wording, clock: Callable[[], float] = time.monotonic) -> None:
        self._wording, self._clock = wording, clock
        self._conversation: Conversation | None = None
        self._declined: list[tuple[Tool, Call]] = []
        self._due: int | None = None
        self._asked_at = 0.0

    def hear(self, assistant: Assistant, text: str, at: float, stopped: Callable[[], bool]) -> Reply:
        """Do what `text`, which came at `at`, says, or what its yes is about.

        Raises `TinyAgentError` as `Conversation.stream` does, and `Stopped` at the next step once `stopped()`.
        """
        from tinyagent.conversation import Conversation

        talk = self._conversation = self._conversation or Conversation(assistant)
        due, self._due = self._due, None
        if due is not None:
            agreed = self._wording.agrees(text, talk.turns[-1].plan.calls[due].tool)
            if agreed is not None and not 0 <= at - self._asked_at <= VALID:
                return Reply(TOO_LATE, True)
            if agreed is not None:
                return self._decided(talk, due, agreed, stopped)
        return self._command(talk, text, stopped)

    def plan(self, assistant: Assistant, text: str) -> Plan:
        """Return what would be done; nothing is, and nothing of it is remembered."""
        from tinyagent.compiler.past import NO_PAST, Past

        turns = self._conversation.turns if self._conversation else ()
        return assistant.plan(text, past=Past.of(turns, assistant.catalogue) if turns else NO_PAST)

    def _command(self, talk: Conversation, text: str, stopped: Callable[[], bool]) -> Reply:
        if talk.question is None:
            self._declined.clear()
        before = talk.turns[-1] if talk.question else None
        answer = _last(talk.stream(text, confirm=self._declining(stopped)), stopped)
        went_on = before is not None and before not in talk.turns
        return self._reply(talk, answer, range(len(before.results)) if before and went_on else ())

    def _decided(self, talk: Conversation, index: int, agreed: bool, stopped: Callable[[], bool]) -> Reply:
        """Run the call that was asked about, or leave it; the turn then is what came of both."""
        asked = talk.turns[-1]
        # What it could not do or lacked was said with the question.
        plan = replace(asked.plan, reason="", end="done", undoes=())
        call = asked.results[index].call
        self._declined = [(tool, one) for tool, one in self._declined if one != call]
        again = _left_for(asked, {index})
        told = [i for i in range(len(asked.results)) if i not in again]
        if agreed:
            declining = self._declining(stopped)
            events = talk.assistant.stream(
                plan,
                confirm=lambda tool, one: one == call or declining(tool, one),
                known={i: asked.results[i] for i in told},
            )
            answer = _last(events, stopped)
        else:
            answer = Answer(plan, asked.results, "\n".join(_sentences(talk, plan, asked.results, told)))
        talk.turns[-1] = answer
        reply = self._reply(talk, answer, told)
        return reply if agreed else replace(reply, handled=True)

    def _declining(self, stopped: Callable[[], bool]) -> Callable[[Tool, Call], bool]:
        def decline(tool: Tool, call: Call) -> bool:
            if stopped():
                raise Stopped
            self._declined.append((tool, call))
            return False

        return decline

    def _reply(self, talk: Conversation, answer: Answer, told: Collection[int]) -> Reply:
        """Return what is said of an answer; where a call waits for a yes, that comes last instead of its refusal."""
        asked = {
            index: tool
            for index, result in enumerate(answer.results)
            for tool, call in self._declined
            if result.status == "declined" and result.call == call
        }
        if asked:
            everything = "\n".join(_sentences(talk, answer.plan, answer.results, told))
            left = _left_for(answer, asked)
            rest = _sentences(talk, answer.plan, answer.results, {*told, *left})
            notes = answer.text[len(everything) :].strip() if answer.text.startswith(everything) else ""
            said = replace(answer, text="\n".join(filter(None, (*rest, notes))))
        else:
            said = answer
        text = self._wording.answer(said)
        if asked and talk.question is None:
            self._due = min(asked)
            question = self._wording.read_back(asked[self._due], answer.results[self._due].call)
            self._asked_at = self._clock()
            return Reply(f"{text} {question}".strip(), True, answer)
        return Reply(text, talk.question is not None or _is_done(answer), answer)


def _last(stream: Iterable[Event], stopped: Callable[[], bool]) -> Answer:
    with closing(cast(Any, stream)) as events:
        for event in events:
            if isinstance(event, Answered):
                return event.answer
            if stopped():
                raise Stopped
    raise AssertionError("a stream ends in `Answered`")


def _sentences(
    talk: Conversation, plan: Plan, results: tuple[Result, ...], told: Collection[int]
) -> list[str]:
    from tinyagent.compiler.joiner import answered

    return answered(plan, results, talk.assistant.catalogue, told)


def _left_for(answer: Answer, indexes: Collection[int]) -> list[int]:
    """Return these calls and those that were not begun because of them."""
    from tinyagent.compiler.joiner import cause

    needs: dict[int, list[int]] = {}
    for later, earlier in answer.plan.depends:
        needs.setdefault(later, []).append(earlier)
    results = dict(enumerate(answer.results))
    return [i for i, r in results.items() if r.status != "done" and cause(i, needs, results) in indexes]


def _is_done(answer: Answer) -> bool:
    """Whether a command came to something: all that it wanted may have failed, or nothing here can do it."""
    from tinyagent.compiler.resume import LEFT

    if answer.results:
        return any(result.status == "done" for result in answer.results)
    return answer.plan.end == "done" or answer.plan.reason == LEFT
