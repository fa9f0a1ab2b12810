"""When the scheduler has to run: the one rule for every door (command line, screen, voice), whoever did the calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinyagent.errors import TinyAgentError
from tinyagent.scheduler.process import ensure_running

if TYPE_CHECKING:
    from tinyagent.calls import Answer, Tool
    from tinyagent.settings import Settings

TIMED = frozenset({"create_reminder", "set_alarm", "set_timer", "snooze_alarm"})
"""Tools whose result somebody has to announce later."""
TOOLSETS = frozenset({"clock", "reminders"})
"""Toolsets of what the scheduler announces."""


def has_its_time(answer: Answer) -> bool:
    """Whether something that an answer did now waits for its time; what it took back may have been a cancelling."""
    timed = any(result.status == "done" and result.call.tool in TIMED for result in answer.results)
    return timed or bool(answer.plan.undoes)


def may_ring_again(tool: Tool) -> bool:
    """Whether something waits for its time once a call of the tool is undone."""
    return tool.toolset in TOOLSETS


def ring_for(settings: Settings, answer: Answer) -> None:
    """Start the scheduler when something now waits for its time. Raises `TinyAgentError` where that fails."""
    if has_its_time(answer):
        ensure_ringing(settings)


def ensure_ringing(settings: Settings) -> None:
    """Start the scheduler unless one runs. Raises `TinyAgentError` with a sentence where that fails."""
    try:
        why = "" if ensure_running(settings) else "it ended at once"
    except Exception as error:  # what was done is done: failing at this is said, whatever it is
        why = str(error).rstrip(".") or type(error).__name__
    if why:
        raise TinyAgentError(
            f"Nothing will ring, the scheduler did not start ({why}): `tinyagent scheduler` shows more."
        )
