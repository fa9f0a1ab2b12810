"""`tinyagent ask`: plan, confirm, run, answer."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from tinyagent.cli import dialogue, running, show
from tinyagent.cli.running import local_time as local_time

if TYPE_CHECKING:
    from tinyagent.settings import Settings

_OPTION = re.compile(r"--?[A-Za-z][\w-]*(=.*)?")


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("text", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Show what would be done and do nothing.")
@dialogue.options("Print plan and results as one JSON object.")
def ask(text: tuple[str, ...], dry_run: bool, as_json: bool, plain: bool, yes: bool, now: str | None) -> int:
    """Do what TEXT says ("-" reads it from standard input).

    On a terminal it asks for what is missing; an empty line leaves a question open. Exit codes: 0 done, 1 failed
    or declined, 2 bad input, 3 nothing the assistant could do, 4 a question is open.
    """
    from tinyagent.settings import load

    command = _command(text)
    settings = load()
    if dry_run:
        return _dry_run(command, settings, as_json, plain, now)
    talk = dialogue.Dialogue(settings, now, yes=yes, as_json=as_json, plain=plain)
    code = talk.turn(command)
    while talk.asked:
        answer = running.words_of(show.read_line() or b"")
        if not answer:
            break
        code = talk.turn(answer)
    return code


def _dry_run(command: str, settings: Settings, as_json: bool, plain: bool, now: str | None) -> int:
    moment = local_time(now, settings)
    with show.thinking(dialogue.THINKING, plain=show.is_plain(plain)):
        answer = dialogue.new_assistant(settings).run(command, dry_run=True, now=moment)
    code = running.exit_code(answer)
    if as_json:
        show.out_json(answer.as_json())
    else:
        running.print_answer(answer, code, dry_run=True)
    return code


def _command(text: tuple[str, ...]) -> str:
    if text == ("-",):
        command = running.words_of(sys.stdin.buffer.read(running.LARGEST + 1))
    else:
        for word in text:
            if _OPTION.fullmatch(word):
                raise click.UsageError(f"No such option: {word} (quote the command if it is part of it).")
        command = running.words_of(" ".join(text).encode("utf-8", "surrogateescape"))
    if not command:
        raise click.UsageError('Say what to do: tinyagent ask "remind me to call Sid at three pm"')
    return command
