"""What the session's threads tell the app, as messages; and how a thread asks the person and waits for the answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from textual.message import Message

from tinyagent.calls import Call, Candidate, Tool
from tinyagent.events import Event
from tinyagent.tui.turn import Confirm, Last, State


class Loaded(Message):
    """Loading has come this far, or something is wrong with it."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state


class Heard(Message):
    """An event of card `number`, or its last word."""

    def __init__(self, number: int, event: Event | Last) -> None:
        super().__init__()
        self.number, self.event = number, event


class Hinted(Message):
    """The shortlist of an unfinished command; `early` where it alone is sure."""

    def __init__(self, text: str, candidates: tuple[Candidate, ...], early: bool) -> None:
        super().__init__()
        self.text, self.candidates, self.early = text, candidates, early


class Undone(Message):
    """What became of an undo."""

    def __init__(self, said: str, worked: bool) -> None:
        super().__init__()
        self.said, self.worked = said, worked


class Asking(Message):
    """A thread waits for `answer`, whether this call of card `number` may run."""

    def __init__(self, number: int, tool: Tool, call: Call, taken_over: bool) -> None:
        super().__init__()
        self.number, self.tool, self.call, self.taken_over = number, tool, call, taken_over
        self.answer: Future[bool] = Future()

    def settle(self, answer: bool) -> None:
        """Give the answer, unless it was given."""
        if not self.answer.done():
            self.answer.set_result(answer)


def asker(number: int, post: Callable[[Asking], bool]) -> Confirm:
    """Return what asks about the calls of card `number`; a screen that is gone says no."""

    def ask(tool: Tool, call: Call, taken_over: bool) -> bool:
        asking = Asking(number, tool, call, taken_over)
        try:
            return post(asking) and asking.answer.result()
        except RuntimeError:
            return False

    return ask
