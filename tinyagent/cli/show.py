"""What the commands print: text or JSON when piped, colours and a spinner on a terminal (rich only then).

Whatever comes from calendars, contacts or the command itself is made harmless first: a stored title must
not be able to move the cursor or to recolour a question.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from tinyagent.calls import Call, Question, Tool
from tinyagent.tools.phrases import harmless as harmless

if TYPE_CHECKING:
    from rich.status import Status


def on_terminal() -> bool:
    """Whether results go to a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def can_ask() -> bool:
    """Whether a person can be asked: the keyboard and the place of the questions are a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def is_plain(wished: bool = False) -> bool:
    """Whether nothing may be coloured or move: it is `wished`, or NO_COLOR (https://no-color.org) is set."""
    return wished or bool(os.environ.get("NO_COLOR"))


def out(text: str, *, style: str = "") -> None:
    """Print a line of results. A reader that has gone away (`| head`) does not stop the command."""
    try:
        if style and on_terminal():
            from rich.console import Console
            from rich.text import Text

            Console(highlight=False).print(Text(harmless(text), style=style), soft_wrap=True)
        else:
            click.echo(harmless(text) if on_terminal() else text)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def out_json(data: Any, *, one_line: bool = False) -> None:
    """Print one JSON object, laid out for people or on one line."""
    out(json.dumps(data, ensure_ascii=False, indent=None if one_line else 2))


def warn(sentence: str) -> None:
    """Print one line for the person beside the results."""
    click.echo(harmless(sentence), err=True)


class Spinner:
    """Says on a terminal what goes on, elsewhere nothing; called with a text it says that instead."""

    def __init__(self, status: Status | None) -> None:
        self._status = status

    def __call__(self, message: str) -> None:
        """Say `message` from now on."""
        if self._status:
            from rich.text import Text

            self._status.update(Text(harmless(message)))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take it off the screen while something is printed or asked; after an error it stays off."""
        if self._status:
            self._status.stop()
        yield
        if self._status:
            self._status.start()


@contextmanager
def thinking(message: str, *, plain: bool = False) -> Iterator[Spinner]:
    """Show a spinner on a terminal while something goes on, none where `plain` is wished."""
    if plain or sys.stderr is None or not sys.stderr.isatty():
        yield Spinner(None)
        return
    from rich.console import Console

    with Console(stderr=True).status(message) as status:
        yield Spinner(status)


def value_text(value: Any) -> str:
    """Return a JSON value as a person reads it."""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, list):
        return ", ".join(value_text(item) for item in value)
    return harmless(json.dumps(value, ensure_ascii=False))


def call_line(call: Call) -> str:
    """Return a call on one line: the tool and all its arguments."""
    given = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in call.args.items())
    return f"{call.tool}({given})"


def ask_yes(tool: Tool, call: Call, *, plain: bool = False) -> bool:
    """Ask on the terminal whether to run `call`, showing all of it; anything but yes is a no."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False, color_system=None if plain else "auto")
    heading = Text.assemble((tool.name, "bold yellow"), f" ({tool.effect}): {tool.description}")
    console.print(heading, soft_wrap=True)
    for name, value in call.args.items():
        # Only a text has lines: a line break in a name or a path is there to look like something else.
        is_text = tool.parameter(name).type == "text"
        lines = value_text(value).replace("\n", "\n    " if is_text else "\\n")
        console.print(Text.assemble("  ", (name, "bold"), f": {lines}"), soft_wrap=True)
    console.print("Do it? [y/N] ", end="", markup=False)
    console.file.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def put(question: Question, *, plain: bool = False) -> None:
    """Put a question to the person, its options numbered below."""
    click.secho(harmless(question.text), err=True, fg=None if plain else "yellow")
    for number, option in enumerate(question.options, 1):
        click.echo(f"  {number}  {harmless(option)}", err=True)


def read_line(prompt: str = "> ") -> bytes | None:
    """Return the line that the person types, None for Ctrl-D; on a terminal it can be edited."""
    try:
        if on_terminal():
            with suppress(ImportError):
                import readline  # noqa: F401  (input() finds it)
            return input(prompt).encode("utf-8", "surrogateescape")
        click.echo(prompt, nl=False, err=True)
        line = sys.stdin.buffer.readline()
    except UnicodeDecodeError as error:
        return error.object
    except EOFError:
        line = b""
    except KeyboardInterrupt:
        click.echo(err=True)
        raise
    if not line:
        click.echo(err=True)
    return line or None
