"""What the commands of the workshops share: their options, the bench they work on, and how progress looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from tinyagent.training.bench import Bench

F = TypeVar("F", bound=Callable[..., Any])
_FOLDER = click.Path(file_okay=False, path_type=Path)
_EVERY = 0.05
"""Off a terminal, a line of progress for each such share of the work."""

work_option = click.option(
    "--work", type=_FOLDER, metavar="DIR", help="Folder for what is in the making [default: in the cache]."
)


def training_options(command: F) -> F:
    """Add the options that every training has."""
    for option in (
        click.option("--threads", type=click.IntRange(0), default=0, help="Threads [default: all cores]."),
        click.option(
            "--share",
            type=click.FloatRange(0, 1, min_open=True),
            default=1.0,
            help="Train on this share of the examples only, to try things out.",
        ),
        work_option,
        click.option(
            "--data",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            metavar="DIR",
            help="Folder with the public data sets [default: the project's examples alone].",
        ),
    ):
        command = option(command)
    return command


@contextmanager
def bench(
    *, data: Path | None = None, work: Path | None = None, share: float = 1.0, threads: int = 0
) -> Iterator[Bench]:
    """Give the bench for a command, with a bar or lines of progress on stderr."""
    from tinyagent.settings import load
    from tinyagent.tools.registry import catalogue
    from tinyagent.training.bench import Bench

    settings = load()
    with _progress() as report:
        yield Bench(
            tools=catalogue().tools,
            data=data,
            work=work or settings.cache / "training",
            cache=settings.cache,
            share=share,
            threads=threads,
            progress=report,
        )


@contextmanager
def _progress() -> Iterator[Callable[[float, str], None]]:
    if sys.stderr is None or not sys.stderr.isatty():
        last = 0.0

        def line(done: float, text: str) -> None:
            nonlocal last
            if done >= last + _EVERY or (done >= 1 and last < 1):
                last = done
                click.echo(f"{100 * done:3.0f} %  {text}", err=True)
            elif done < last:
                last = 0.0

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=1.0, start=True)
        yield lambda done, text: bar.update(task, completed=done, description=text)
