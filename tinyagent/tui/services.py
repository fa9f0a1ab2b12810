"""What the session does with an assistant: load it, take back, ring later. Plain functions that block."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from tinyagent.calls import Answer, Tool
from tinyagent.errors import TinyAgentError
from tinyagent.settings import Settings
from tinyagent.tui.turn import State

if TYPE_CHECKING:
    from tinyagent.assistant import Assistant

TIMED = frozenset({"create_reminder", "set_alarm", "set_timer", "snooze_alarm"})
"""Tools whose result somebody has to announce later."""
RINGING = frozenset({"clock", "reminders"})
"""Toolsets of what the scheduler announces."""


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
    yield State("ready", 1.0)


def undo(settings: Settings, entry: int | None) -> str:
    """Take back a journal entry (None: the last change) and return what that was. Raises `TinyAgentError`."""
    from tinyagent import journal as journals
    from tinyagent.tools.registry import catalogue

    tools, journal = catalogue(), journals.open_journal(settings)
    try:
        undone = journals.undo(journal, tools, settings.context(), entry)
    finally:
        journal.close()
    if undone.tool in tools and tools[undone.tool].toolset in RINGING:
        _ensure_ringing(settings)
    return f"Undone: {undone.tool}, of “{undone.words}”." if undone.words else f"Undone: {undone.tool}."


def ring(settings: Settings, answer: Answer) -> None:
    """Start the scheduler when something now waits for its time. Raises `TinyAgentError` where that fails."""
    timed = any(result.status == "done" and result.call.tool in TIMED for result in answer.results)
    if timed or answer.plan.undoes:  # what was taken back may have been a cancelling
        _ensure_ringing(settings)


def _ensure_ringing(settings: Settings) -> None:
    from tinyagent.scheduler import ensure_running

    try:
        why = "" if ensure_running(settings) else "it ended at once"
    except TinyAgentError as error:
        why = str(error).rstrip(".")
    if why:
        raise TinyAgentError(
            f"Nothing will ring, the scheduler did not start ({why}): see `tinyagent scheduler`."
        )


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
