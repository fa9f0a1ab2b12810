"""`tinyagent train`: the embedder and the adapters, each from its recipe."""

from __future__ import annotations

from pathlib import Path

import click

from tinyagent.cli import show
from tinyagent.cli.app import help_when_bare
from tinyagent.cli.bench import bench, training_options

_leave_out = click.option(
    "--leave-out", multiple=True, metavar="TOOL", help="A tool to keep unseen, for measuring (repeatable)."
)


@click.group(invoke_without_command=True)
@click.pass_context
def train(ctx: click.Context) -> None:
    """Train what the runtime loads (needs the extra `train`).

    An interrupted training of an adapter goes on where it stopped when it is started again.
    """
    help_when_bare(ctx)


@train.command()
@training_options
@_leave_out
@click.option("--epochs", type=click.IntRange(1), default=3, show_default=True)
def embedder(
    data: Path | None, work: Path | None, share: float, threads: int, leave_out: tuple[str, ...], epochs: int
) -> None:
    """Fine-tune the sentence encoder and its heads; `quantize embedder` and `index` make the products."""
    from tinyagent.training import workshop

    with bench(data=data, work=work, share=share, threads=threads) as made:
        report = workshop.train_embedder(made, leave_out=leave_out, epochs=epochs)
    show.out_json(report)


@train.command()
@training_options
@_leave_out
def select(
    data: Path | None, work: Path | None, share: float, threads: int, leave_out: tuple[str, ...]
) -> None:
    """Train the selection adapter."""
    from tinyagent.training import workshop

    with bench(data=data, work=work, share=share, threads=threads) as made:
        report = workshop.train_select(made, leave_out=leave_out)
    show.out_json(report)


@train.command()
@training_options
def generic(data: Path | None, work: Path | None, share: float, threads: int) -> None:
    """Train the argument adapter that all tools share."""
    from tinyagent.training import workshop

    with bench(data=data, work=work, share=share, threads=threads) as made:
        report = workshop.train_generic(made)
    show.out_json(report)


@train.command()
@click.argument("tool", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Train the adapters of all tools.")
@training_options
def arguments(
    tool: tuple[str, ...], every: bool, data: Path | None, work: Path | None, share: float, threads: int
) -> None:
    """Train the argument adapter of each TOOL, on top of the generic one."""
    if bool(tool) == every:
        raise click.UsageError("Name tools or give --all.")
    from tinyagent.training import workshop

    with bench(data=data, work=work, share=share, threads=threads) as made:
        reports = workshop.train_arguments(made, list(made.tools) if every else list(tool))
    show.out_json(reports)
