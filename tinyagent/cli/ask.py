"""`tinyagent ask`: plan, confirm, run, answer."""

from __future__ import annotations

import re
import sys
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from tinyagent.cli import running, show

if TYPE_CHECKING:
    from tinyagent.calls import Plan
    from tinyagent.settings import Settings

LIMIT = 2000
"""Characters of one command. More is a text that was pasted, not something to do."""

_OPTION = re.compile(r"--?[A-Za-z][\w-]*(=.*)?")
_TIMED = running.TIMED


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
    moment = local_time(now, settings)
    asking = running.Asking(yes)
    with show.thinking("Thinking …"):
        assistant = _assistant(settings)
        plan: Plan = assistant.plan(command, now=moment)
    answer = assistant.run(plan, confirm=asking.confirm, dry_run=dry_run, now=moment)
    code = running.exit_code(answer)
    if as_json:
        show.out_json(answer.as_json())
    else:
        running.print_answer(answer, code, dry_run)
    asking.warn()
    running.ring(settings, answer, _TIMED)
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
