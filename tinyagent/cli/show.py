"""What the commands print: text or JSON when piped, colours and a spinner on a terminal (rich only then).

Whatever comes from calendars, contacts or the command itself is made harmless first: a stored title must
not be able to move the cursor or to recolour a question.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from tinyagent.calls import Call, Tool
from tinyagent.tools.phrases import harmless as harmless


def on_terminal() -> bool:
    """Whether results go to a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def can_ask() -> bool:
    """Whether a person can be asked: the keyboard and the place of the questions are a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


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


def out_json(data: Any) -> None:
    """Print one JSON object."""
    out(json.dumps(data, ensure_ascii=False, indent=2))


def warn(sentence: str) -> None:
    """Print one line for the person beside the results."""
    click.echo(harmless(sentence), err=True)


@contextmanager
def thinking(message: str) -> Iterator[Callable[[str], None]]:
    """Show a spinner on a terminal while something goes on; gives the function that changes its text."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda message: None
        return
    from rich.console import Console

    with Console(stderr=True).status(message) as status:
        yield status.update


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


def ask_yes(tool: Tool, call: Call) -> bool:
    """Ask on the terminal whether to run `call`, showing all of it; anything but yes is a no."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
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
