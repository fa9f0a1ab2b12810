"""Planning on a thread of its own, beside the calls that run: whoever starts these hears of both from one place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tinyagent.events import Event


@dataclass(frozen=True, slots=True)
class Over:
    """Planning has ended, with `error` where it broke."""

    error: BaseException | None = None


@contextmanager
def planning(events: Iterator[Event], tell: Callable[[Event | Over], None]) -> Iterator[None]:
    """Take `events` on a thread of its own and `tell` each there; the last that is told is that it is `Over`.

    Leaving the block stops it at its next event and waits until then, whatever the hurry: a model that still decodes
    must not be used or closed.
    """
    stopped, ended = threading.Event(), threading.Event()

    def plan() -> None:
        try:
            for event in events:
                if stopped.is_set():
                    break
                tell(event)
        except BaseException as error:  # whatever it is, it is raised where somebody waits for the plan
            tell(Over(error))
        else:
            tell(Over())
        finally:
            ended.set()

    thread = threading.Thread(target=plan, name="planning")
    try:
        try:
            thread.start()
        except RuntimeError:  # no more threads
            ended.set()
            raise
        yield
    finally:
        stopped.set()
        _wait(ended)


def _wait(ended: threading.Event) -> None:
    """Wait for an event to the end; a Ctrl-C meanwhile is raised then."""
    interrupt: KeyboardInterrupt | None = None
    while not ended.is_set():
        try:
            ended.wait()
        except KeyboardInterrupt as error:
            interrupt = error
    if interrupt is not None:
        raise interrupt
