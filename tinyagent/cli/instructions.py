"""`tinyagent instructions`: the standing wishes, each with how it was understood."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinyagent.cli import show

if TYPE_CHECKING:
    from tinyagent.instructions import Instructions, Line


@click.command()
@click.option(
    "--check",
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read FILE instead of your own wishes; exit code 1 when a line is not understood.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def instructions(file: Path | None, as_json: bool) -> int:
    """Show your standing wishes and how each was understood.

    They are in instructions.txt in the config folder, one a line, such as “meetings last 25 minutes by default”,
    “always cc Nick” or “my lawyer is Jane Doe”. A line that is not understood stops nothing.
    """
    from tinyagent.instructions import FILE, Instructions
    from tinyagent.settings import load

    path = file or load().config / FILE
    wishes = Instructions.read(path)
    if as_json:
        show.out_json(_as_json(path, wishes))
    elif wishes.lines:
        _table(wishes) if show.on_terminal() else _plain(wishes)
    else:
        show.out(f"There are no wishes yet: write one a line in {path}.")
    if not as_json:
        for problem in wishes.problems():
            show.warn(show.harmless(problem))
    return 1 if file and wishes.problems() else 0


def _as_json(path: Path, wishes: Instructions) -> dict[str, Any]:
    lines = [
        {
            "line": one.number,
            "text": one.text,
            "meaning": _meaning(one) or None,
            "problem": one.problem or None,
        }
        for one in wishes.lines
    ]
    return {"file": str(path), "lines": lines, "problems": wishes.problems()}


def _meaning(line: Line) -> str:
    return str(line.meaning) if line.meaning else ""


def _plain(wishes: Instructions) -> None:
    for line in wishes.lines:
        show.out(f"{line.number}\t{line.text}\t{_meaning(line) or 'not understood'}")


def _table(wishes: Instructions) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("Line", "Wish", "Understood as"):
        table.add_column(heading, overflow="fold")
    for line in wishes.lines:
        meaning = Text(show.harmless(_meaning(line))) if line.meaning else Text("not understood", "yellow")
        table.add_row(Text(str(line.number)), Text(show.harmless(line.text), "bold"), meaning)
    Console(highlight=False).print(table)
