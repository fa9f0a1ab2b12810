"""What `ask`, `chat` and `apply` share: asking before a call, the answer and its exit code, something to ring later."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from tinyagent.cli import show

if TYPE_CHECKING:
    from tinyagent.calls import Answer, Call, Tool
    from tinyagent.settings import Settings

LIMIT = 2000
"""Characters of one command. More is a text that was pasted, not something to do."""

LARGEST = 4 * LIMIT
"""Bytes of one command."""

STYLES = {0: "green", 1: "red", 4: "yellow"}
"""The colour of an answer, by exit code."""


class Asking:
    """Confirms calls: on a terminal by asking, elsewhere by `--yes` only."""

    def __init__(self, yes: bool, plain: bool = False) -> None:
        self.yes, self.plain = yes, plain
        self.refused: list[str] = []

    def confirm(self, tool: Tool, call: Call) -> bool:
        """Return whether `call` may run."""
        if self.yes:
            return True
        if show.can_ask():
            return show.ask_yes(tool, call, plain=self.plain)
        self.refused.append(tool.name)
        return False

    def warn(self) -> None:
        """Say, once, which calls would have needed somebody to ask."""
        for name in self.refused:
            show.warn(f"{name} needs a yes: run it on a terminal, or add --yes.")
        self.refused.clear()


def words_of(data: bytes) -> str:
    """Return a command as it was typed or piped: "" for a blank one; `UsageError` for what cannot be one."""
    too_long = f"The command is longer than {LIMIT} characters: say one thing at a time."
    if len(data) > LARGEST:
        raise click.UsageError(too_long)
    try:
        given = data.decode("utf-8")
    except UnicodeDecodeError:
        raise click.UsageError("The command is not UTF-8 text.") from None
    command = " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in given).split())
    if len(command) > LIMIT:
        raise click.UsageError(too_long)
    return command


def local_time(now: str | None, settings: Settings) -> datetime | None:
    """Return the local time that `--now` gives, None where it is not given."""
    if now is None:
        return None
    try:
        moment = datetime.fromisoformat(now)
    except ValueError:
        raise click.BadParameter(
            f"{now!r} is not a time like 2026-03-02T09:00:00.", param_hint="--now"
        ) from None
    return moment.astimezone(settings.zone()).replace(tzinfo=None) if moment.tzinfo else moment


def exit_code(answer: Any) -> int:
    """Return 0 done, 1 failed, declined or not possible in part, 3 nothing to do, 4 a question is open or was left."""
    from tinyagent.compiler.resume import LEFT

    if any(result.status in {"failed", "declined"} for result in answer.results):
        return 1
    if answer.plan.reason == LEFT:
        return 4
    if answer.plan.end != "done":
        return {"none": 3, "ask": 4}.get(answer.plan.end, 1)
    return 0 if (answer.results or answer.plan.undoes) and not answer.plan.reason else 1


def print_answer(answer: Any, code: int, dry_run: bool = False) -> None:
    """Print the answer, of a dry run the calls."""
    if dry_run and answer.plan.calls:
        for call in answer.plan.calls:
            show.out(show.call_line(call))
        for said in (answer.plan.question and answer.plan.question.text, answer.plan.reason):
            if said:
                show.out(said, style="yellow")
        return
    show.out(answer.text, style=STYLES.get(code, ""))


def left_to_say(text: str, said: Iterable[str]) -> str:
    """Return `text` without the sentences that were said already, each taken out once."""
    left = f"\n{text}\n"
    for sentence in said:
        left = left.replace(f"\n{sentence}\n", "\n", 1)
    return left[1:-1]


def ring(settings: Settings, answer: Answer) -> None:
    """Start the scheduler when something now waits for its time. Failing at that undoes nothing: a warning."""
    from tinyagent.scheduler.ringing import has_its_time

    if has_its_time(answer):
        start_scheduler(settings)


def start_scheduler(settings: Settings) -> None:
    """Start the scheduler. Failing at that undoes nothing, so it is a warning."""
    from tinyagent.errors import TinyAgentError
    from tinyagent.scheduler.ringing import ensure_ringing

    try:
        ensure_ringing(settings)
    except TinyAgentError as error:
        show.warn(str(error))
