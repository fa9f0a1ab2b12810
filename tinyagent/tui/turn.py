"""One command at work on the session's thread, and what the session says besides the events of the path."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any, ParamSpec, cast

from tinyagent.calls import Answer, Call, Plan, Tool
from tinyagent.events import Answered, Event, Finished, Planned, Started

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class State:
    """How far loading is: `stage` is "embedder", "index", "model", "adapters" or "ready", `done` from 0 to 1.

    `error` is a sentence for the person where something is wrong ("": nothing is).
    """

    stage: str
    done: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A command ended without an answer; `sentence` says why."""

    sentence: str


Last = Answered | Plan | Broken
Confirm = Callable[[Tool, Call, bool], bool]
"""Asked with the tool, the call, and whether an argument is the result of another call, also of an earlier command;
may block."""


class Stopped(BaseException):
    """The person has stopped the command."""


@dataclass(slots=True)
class Turn:
    """One command: who hears of it, what was planned, which calls run, and whether it is to stop."""

    tell: Callable[[Event | Last], None]
    calls: list[Call] = field(default_factory=list)
    running: dict[int, str] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    _ending: threading.Lock = field(default_factory=threading.Lock)

    def through(self, events: Iterator[Event]) -> Answered:
        """Pass the events on, and return the last. Raises `Stopped` where the person stops it before."""
        with closing(cast(Any, events)):
            for event in events:
                if isinstance(event, Answered):
                    return event
                self._hear(event)
                if self.stop.is_set():
                    raise Stopped
        raise AssertionError("a stream ends in `Answered`")

    def asking(self, confirm: Confirm, always: set[str]) -> Callable[[Tool, Call], bool]:
        """Return what the executor asks: `confirm`, but for tools that are `always` allowed in the person's own words.

        What is a result of another call, of this command or an earlier one, the person has not said.
        """

        def ask(tool: Tool, call: Call) -> bool:
            if self.stop.is_set():
                raise Stopped
            planned = any(call.tool == one.tool and call.args == one.args for one in self.calls)
            said = planned and not call.taken
            answer = (said and tool.name in always) or confirm(tool, call, not said)
            if self.stop.is_set():
                raise Stopped
            return answer

        return ask

    def end(self, last: Last) -> bool:
        """Say the last word; return whether it had not been said yet."""
        with self._ending:
            if self.over.is_set():
                return False
            self.over.set()
        self.tell(last)
        return True

    def stopped(self) -> Broken:
        """Return the last word of a command that was stopped."""
        if not self.running:
            return Broken("Stopped.")
        begun = ", ".join(sorted(self.running.values()))
        return Broken(f"Stopped; {begun} had begun already: activity (F3) shows what became of it.")

    def _hear(self, event: Event) -> None:
        if isinstance(event, Planned):
            self.calls.append(event.call)
        elif isinstance(event, Started):
            self.running[event.index] = event.call.tool
        elif isinstance(event, Finished):
            self.running.pop(event.index, None)
        self.tell(event)


def quiet(tell: Callable[P, object]) -> Callable[P, None]:
    """Return `tell` for a listener that may be gone: a screen that has closed hears nothing."""

    def said(*args: P.args, **named: P.kwargs) -> None:
        with suppress(RuntimeError):
            tell(*args, **named)

    return said


def waits_for_a_tool(thread: threading.Thread) -> bool:
    """Whether a thread does nothing but wait for a running tool: only then may another one use the models."""
    from tinyagent.compiler.execution import Execution

    frame = sys._current_frames().get(thread.ident or 0)
    return frame is not None and frame.f_code is Execution.finish.__code__


def answer_of(last: Last) -> Answer | None:
    """Return the answer, if the last word is one."""
    return last.answer if isinstance(last, Answered) else None
