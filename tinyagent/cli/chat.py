"""`tinyagent chat`: a conversation, line by line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import click

from tinyagent.cli import dialogue, running, show

KEPT = 500
"""Lines of the history that are kept."""

ENDS = frozenset({b"quit", b"exit"})


@click.command()
@dialogue.options("Print one JSON object a line: plan and results, or an error.")
def chat(as_json: bool, plain: bool, yes: bool, now: str | None) -> int:
    """Talk: each line is a command, an answer to a question, or goes on with what was said before.

    "quit", "exit" or Ctrl-D ends it. Ctrl-C stops a command, at the prompt it clears the line, and twice it ends the
    conversation. Without a terminal every line of standard input is a turn and its answer a paragraph; the exit code
    is then 1 if the last turn failed.
    """
    from tinyagent.errors import TinyAgentError
    from tinyagent.settings import load

    settings = load()
    talk = dialogue.Dialogue(settings, now, yes=yes, as_json=as_json, plain=plain, lines=True)
    person, code = show.can_ask(), 0
    if person:
        talk.load_ahead()
    for line in typed_lines(settings.state / "chat_history") if person else piped_lines():
        if line.strip().lower() in ENDS:
            break
        try:
            command = running.words_of(line)
            code = talk.turn(command) if command else code
        except (TinyAgentError, click.UsageError) as error:
            talk.fail(str(error))
            code = 1
        except KeyboardInterrupt:
            if not person:
                raise
            show.warn("Stopped.")
            talk.recover()
    return int(code == 1 and not person)


def piped_lines() -> Iterator[bytes]:
    """Yield the lines of standard input; of one that is too long for a command just enough to tell."""
    if sys.stdin is None:
        return
    stream, size = sys.stdin.buffer, running.LARGEST + 2
    while line := stream.readline(size):
        rest = line
        while len(rest) == size and not rest.endswith(b"\n"):
            rest = stream.readline(size)
        yield line


def typed_lines(history: Path) -> Iterator[bytes]:
    """Yield the lines that the person types until Ctrl-D, or Ctrl-C twice; `history` has those of earlier times."""
    keep = _history(history) if show.on_terminal() else lambda line: None
    stopped = False
    while True:
        try:
            line = show.read_line()
        except KeyboardInterrupt:
            if stopped:
                return
            stopped = True
            show.warn("Ctrl-C again, or Ctrl-D, ends the conversation.")
            continue
        if line is None:
            return
        stopped = False
        keep(" ".join(line.decode("utf-8", "replace").split()))
        yield line


def _history(path: Path) -> Callable[[str], None]:
    """Read the history; returns what adds a line to it. Where it cannot be kept, it lasts as long as the process."""
    try:
        import readline
    except ImportError:
        return lambda line: None
    from tinyagent.errors import StoreError
    from tinyagent.tools.files import make_folder

    readline.set_auto_history(False)
    readline.set_history_length(KEPT)
    # Readline's stand-in on macOS cannot append.
    append = getattr(readline, "append_history_file", lambda count, path: readline.write_history_file(path))
    with suppress(OSError, StoreError):
        make_folder(path.parent)
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "rb") as file:
            os.fchmod(file.fileno(), 0o600)
        readline.read_history_file(path)
    last = ""

    def keep(line: str) -> None:
        nonlocal last
        if line in ("", last) or len(line) > running.LIMIT:
            return
        last = line
        readline.add_history(line)
        with suppress(OSError):
            # One line at a time: two conversations at once keep both, and a window that is closed loses none.
            append(1, path)

    return keep
