"""What the session does with an assistant: load it, take back, ring later. Plain functions that block."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from tinyagent.calls import Answer, Tool
from tinyagent.errors import TinyAgentError
from tinyagent.settings import Settings
from tinyagent.tui.turn import State

if TYPE_CHECKING:
    from tinyagent.assistant import Assistant


def make(settings: Settings, off: Collection[str]) -> Assistant:
    """Return an assistant that has loaded nothing yet; those named in `off` at any time are no choice."""
    from tinyagent.assistant import Assistant
    from tinyagent.tools.availability import Availability

    works = Availability(settings).obstacle

    def obstacle(tool: Tool) -> str | None:
        if tool.name in off:
            return f"{tool.name} is switched off for this session: the tools panel (F4) switches it on."
        return works(tool)

    return Assistant(settings, availability=obstacle)


def load(assistant: Assistant) -> Iterator[State]:
    """Load what a first command needs, and yield what comes next. Raises `TinyAgentError` for what cannot be had."""
    yield State("index", 0.3)
    _ = assistant.retriever
    yield State("model", 0.5)
    _ = assistant.selector
    yield State("adapters", 0.8)
    _ = assistant.filler
    gc.collect()
    gc.freeze()  # the collector stops all threads to look at what stays anyway, while somebody types
    yield State("ready", 1.0)


def undo(settings: Settings, entry: int | None) -> str:
    """Take back a journal entry (None: the last change) and return what that was. Raises `TinyAgentError`."""
    from tinyagent import journal as journals
    from tinyagent.scheduler.ringing import ensure_ringing, may_ring_again
    from tinyagent.tools.registry import catalogue

    tools, journal = catalogue(), journals.open_journal(settings)
    try:
        undone = journals.undo(journal, tools, settings.context(), entry)
    finally:
        journal.close()
    if undone.tool in tools and may_ring_again(tools[undone.tool]):
        ensure_ringing(settings)
    return f"Undone: {undone.tool}, of “{undone.words}”." if undone.words else f"Undone: {undone.tool}."


def ring(settings: Settings, answer: Answer) -> None:
    """Start the scheduler when something now waits for its time. Raises `TinyAgentError` where that fails."""
    from tinyagent.scheduler.ringing import ring_for

    ring_for(settings, answer)


def sentence(error: BaseException) -> str:
    """Return the sentence for the person that an error is."""
    if isinstance(error, TinyAgentError):
        return str(error)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}."
    return (
        f"Something went wrong that should not ({type(error).__name__}): "
        "start with TINYAGENT_DEBUG=1 to have the details written down, and please report it."
    )
