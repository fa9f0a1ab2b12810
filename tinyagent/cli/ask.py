"""`tinyagent ask`: plan, confirm, run, answer."""

from __future__ import annotations

import re
import sys
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from tinyagent.cli import show

if TYPE_CHECKING:
    from tinyagent.calls import Call, Plan, Tool
    from tinyagent.settings import Settings

LIMIT = 2000
"""Characters of one command. More is a text that was pasted, not something to do."""

_OPTION = re.compile(r"--?[A-Za-z][\w-]*(=.*)?")
_TIMED = frozenset({"create_reminder", "set_alarm", "set_timer", "snooze_alarm"})
"""Tools whose result somebody has to announce later."""


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("text", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print plan and results as one JSON object.")
@click.option("--dry-run", is_flag=True, help="Show what would be done and do nothing.")
@click.option("--yes", is_flag=True, help="Answer yes to every confirmation.")
@click.option("--now", metavar="ISO", help="Take this as the current local time.")
def ask(text: tuple[str, ...], as_json: bool, dry_run: bool, yes: bool, now: str | None) -> int:
    """Do what TEXT says ("-" reads it from standard input).

    Exit codes: 0 done, 1 failed or declined, 2 bad input, 3 nothing the assistant could do, 4 a question is
    open.
    """
    from tinyagent.settings import load

    command = _command(text)
    settings = load()
    moment = _moment(now, settings)
    refused: list[str] = []

    def confirm(tool: Tool, call: Call) -> bool:
        if yes:
            return True
        if show.can_ask():
            return show.ask_yes(tool, call)
        refused.append(tool.name)
        return False

    with show.thinking("Thinking …"):
        assistant = _assistant(settings)
        plan: Plan = assistant.plan(command, now=moment)
    answer = assistant.run(plan, confirm=confirm, dry_run=dry_run, now=moment)
    code = _code(answer)
    if as_json:
        show.out_json(answer.as_json())
    else:
        _print(answer, code, dry_run)
    for name in refused:
        show.warn(f"{name} needs a yes: run it on a terminal, or add --yes.")
    _remind(settings, answer)
    return code


def _assistant(settings: Settings) -> Any:
    from tinyagent.assistant import Assistant

    return Assistant(settings)


def _command(text: tuple[str, ...]) -> str:
    if text == ("-",):
        data = sys.stdin.buffer.read(4 * LIMIT + 4)
    else:
        for word in text:
            if _OPTION.fullmatch(word):
                raise click.UsageError(f"No such option: {word} (quote the command if it is part of it).")
        data = " ".join(text).encode("utf-8", "surrogateescape")
    try:
        given = data.decode("utf-8")
    except UnicodeDecodeError:
        if len(data) <= 4 * LIMIT:
            raise click.UsageError("The command is not UTF-8 text.") from None
        given = data.decode("utf-8", "replace")
    command = " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in given).split())
    if not command:
        raise click.UsageError('Say what to do: tinyagent ask "remind me to call Sid at three pm"')
    if len(command) > LIMIT:
        raise click.UsageError(f"The command is longer than {LIMIT} characters: say one thing at a time.")
    return command


def _moment(now: str | None, settings: Settings) -> datetime | None:
    if now is None:
        return None
    try:
        moment = datetime.fromisoformat(now)
    except ValueError:
        raise click.BadParameter(
            f"{now!r} is not a time like 2026-03-02T09:00:00.", param_hint="--now"
        ) from None
    return moment.astimezone(settings.zone()).replace(tzinfo=None) if moment.tzinfo else moment


def _code(answer: Any) -> int:
    if any(result.status in {"failed", "declined"} for result in answer.results):
        return 1
    if answer.plan.end != "done":
        return {"none": 3, "ask": 4}.get(answer.plan.end, 1)
    return 0 if answer.results else 1


def _print(answer: Any, code: int, dry_run: bool) -> None:
    if dry_run and answer.plan.calls:
        for call in answer.plan.calls:
            show.out(show.call_line(call))
        if answer.plan.question:
            show.out(answer.plan.question.text, style="yellow")
        return
    show.out(answer.text, style={0: "green", 1: "red", 4: "yellow"}.get(code, ""))


def _remind(settings: Settings, answer: Any) -> None:
    """Start the scheduler when something now waits for its time. Failing at that undoes nothing."""
    if not any(result.status == "done" and result.call.tool in _TIMED for result in answer.results):
        return
    try:
        from tinyagent.scheduler import ensure_running

        why = "" if ensure_running(settings) else "it ended at once"
    except Exception as error:
        why = str(error).rstrip(".")
    if why:
        show.warn(
            f"Nothing will ring, the scheduler did not start ({why}): `tinyagent scheduler` shows more."
        )
