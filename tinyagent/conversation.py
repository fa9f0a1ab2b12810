"""A conversation: commands one after the other, each understood in the light of the one before.

It keeps what the last few commands came to, so that a question can be answered, "move it to Friday" knows what "it"
is, and "undo that" what was done. Nothing is kept once the conversation is gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import datetime

from tinyagent.assistant import Assistant, Confirm
from tinyagent.calls import Answer, Question
from tinyagent.compiler.past import Past
from tinyagent.compiler.resume import answers, is_open
from tinyagent.events import Answered, Event
from tinyagent.retrieval.index import NONE

TURNS = 5
"""How many turns are kept."""


class Conversation:
    """Commands to one assistant, in turn. Not thread-safe: one command at a time."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.turns: deque[Answer] = deque(maxlen=TURNS)

    @property
    def question(self) -> Question | None:
        """The question that waits for an answer."""
        plan = self.turns[-1].plan if self.turns else None
        return plan.question if plan is not None and is_open(plan) else None

    def stream(
        self,
        text: str,
        *,
        confirm: Confirm = lambda tool, call: False,
        now: datetime | None = None,
    ) -> Iterator[Event]:
        """Do what `text` says, or go on with the plan whose question it answers; yields events as `Assistant.stream`.

        A command said in place of an answer that it cannot be leaves the question. Raises `TinyAgentError` as that
        does; then the turn counts for nothing.
        """
        asked = self.turns[-1] if self.question and not self._is_new(text, now) else None
        past = Past.of(self.turns, self.assistant.catalogue)
        for event in self.assistant.stream(text, confirm=confirm, now=now, asked=asked, past=past):
            if isinstance(event, Answered):
                if asked is not None:
                    self.turns.pop()
                self.turns.append(event.answer)
            yield event

    def _is_new(self, text: str, now: datetime | None) -> bool:
        """Whether the text is a command by itself and no answer to the open question."""
        assistant, plan = self.assistant, self.turns[-1].plan
        if answers(plan, text, assistant.catalogue, assistant.world(now)):
            return False
        retrieved = assistant.retriever.retrieve(text)
        return retrieved.candidates[0].tool != NONE and assistant.selector.sure(retrieved)

    def run(
        self,
        text: str,
        *,
        confirm: Confirm = lambda tool, call: False,
        now: datetime | None = None,
    ) -> Answer:
        """Do the same and return the last event's answer."""
        *_, last = self.stream(text, confirm=confirm, now=now)
        assert isinstance(last, Answered)
        return last.answer

    def forget(self) -> None:
        """Begin anew: nothing said so far means anything any more."""
        self.turns.clear()
