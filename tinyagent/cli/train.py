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
_rehearse = click.option(
    "--rehearse",
    type=click.FloatRange(0, 1),
    help="Go on with the adapter that is there: all compound commands, this share of the single ones.",
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
@_rehearse
@click.option("--epochs", type=click.IntRange(1), default=3, show_default=True)
def embedder(
    data: Path | None,
    work: Path | None,
    share: float,
    threads: int,
    leave_out: tuple[str, ...],
    rehearse: float | None,
    epochs: int,
) -> None:
    """Fine-tune the sentence encoder and its heads; `quantize embedder` and `index` make the products."""
    from tinyagent.training import workshop

    with bench(data=data, work=work, share=share, threads=threads) as made:
        report = workshop.train_embedder(made, leave_out=leave_out, epochs=epochs, rehearse=rehearse)
    show.out_json(report)


@train.command()
@training_options
@_leave_out
@_rehearse
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Other values, other order."
)
def select(
    data: Path | None,
    work: Path | None,
    share: float,
    threads: int,
    leave_out: tuple[str, ...],
    rehearse: float | None,
    seed: int,
) -> None:
    """Train the selection adapter."""
    from dataclasses import replace

    from tinyagent.training import workshop

    rate = workshop.SELECT.rate if rehearse is None else workshop.GO_ON_RATE
    recipe = replace(workshop.SELECT, rate=rate, seed=seed)
    with bench(data=data, work=work, share=share, threads=threads) as made:
        report = workshop.train_select(made, recipe, leave_out=leave_out, rehearse=rehearse)
    show.out_json(report)


@train.command()
@training_options
@click.option("--rank", type=click.IntRange(1), help="Rank of the adapter (default: the recipe's).")
@click.option(
    "--modules", type=click.Choice(["all", "attention", "feed-forward"]), help="Which layers get one."
)
@click.option("--first-layer", type=click.IntRange(0), help="The first transformer layer with an adapter.")
@click.option("--epochs", type=click.FloatRange(0, min_open=True), help="Passes over the data.")
@click.option("--joint", is_flag=True, help="Also learn the tool's name, for comparison (needs --target).")
@_rehearse
@click.option(
    "--target", type=click.Path(path_type=Path), help="Write the adapter to this file and do not record it."
)
def generic(
    data: Path | None,
    work: Path | None,
    share: float,
    threads: int,
    rank: int | None,
    modules: str | None,
    first_layer: int | None,
    epochs: float | None,
    joint: bool,
    rehearse: float | None,
    target: Path | None,
) -> None:
    """Train the argument adapter that all tools share."""
    from dataclasses import replace

    from tinyagent.training import workshop

    given = {"rank": rank, "modules": modules, "first_layer": first_layer, "epochs": epochs}
    changed = {name: value for name, value in given.items() if value is not None}
    if rank is not None:
        changed["alpha"] = 2 * rank
    if rehearse is not None:
        changed["rate"] = workshop.GO_ON_RATE
    recipe = replace(workshop.GENERIC_RECIPE, **changed)  # type: ignore[arg-type]
    with bench(data=data, work=work, share=share, threads=threads) as made:
        report = workshop.train_generic(made, recipe, joint=joint, target=target, rehearse=rehearse)
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
