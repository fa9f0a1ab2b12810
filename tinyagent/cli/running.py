"""What `ask` and `apply` share: asking before a call, the answer and its exit code, something to ring later."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from tinyagent.cli import show

if TYPE_CHECKING:
    from tinyagent.calls import Call, Tool
    from tinyagent.settings import Settings

TIMED = frozenset({"create_reminder", "set_alarm", "set_timer", "snooze_alarm"})
"""Tools whose result somebody has to announce later."""


class Asking:
    """Confirms calls: on a terminal by asking, elsewhere by `--yes` only."""

    def __init__(self, yes: bool) -> None:
        self.yes = yes
        self.refused: list[str] = []

    def confirm(self, tool: Tool, call: Call) -> bool:
        """Return whether `call` may run."""
        if self.yes:
            return True
        if show.can_ask():
            return show.ask_yes(tool, call)
        self.refused.append(tool.name)
        return False

    def warn(self) -> None:
        """Say which calls would have needed somebody to ask."""
        for name in self.refused:
            show.warn(f"{name} needs a yes: run it on a terminal, or add --yes.")


def exit_code(answer: Any) -> int:
    """Return 0 done, 1 failed, declined or not possible in part, 3 nothing to do, 4 a question is open."""
    if any(result.status in {"failed", "declined"} for result in answer.results):
        return 1
    if answer.plan.end != "done":
        return {"none": 3, "ask": 4}.get(answer.plan.end, 1)
    return 0 if answer.results and not answer.plan.reason else 1


def print_answer(answer: Any, code: int, dry_run: bool = False) -> None:
    """Print the answer, of a dry run the calls."""
    if dry_run and answer.plan.calls:
        for call in answer.plan.calls:
            show.out(show.call_line(call))
        for said in (answer.plan.question and answer.plan.question.text, answer.plan.reason):
            if said:
                show.out(said, style="yellow")
        return
    show.out(answer.text, style={0: "green", 1: "red", 4: "yellow"}.get(code, ""))


def ring(settings: Settings, answer: Any, timed: Collection[str] = TIMED) -> None:
    """Start the scheduler when something now waits for its time."""
    if any(result.status == "done" and result.call.tool in timed for result in answer.results):
        start_scheduler(settings)


def start_scheduler(settings: Settings) -> None:
    """Start the scheduler. Failing at that undoes nothing, so it is a warning."""
    try:
        from tinyagent.scheduler import ensure_running

        why = "" if ensure_running(settings) else "it ended at once"
    except Exception as error:
        why = str(error).rstrip(".")
    if why:
        show.warn(
            f"Nothing will ring, the scheduler did not start ({why}): `tinyagent scheduler` shows more."
        )
