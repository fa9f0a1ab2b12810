"""`tinyagent quantize`: the files that are served, in number formats that two cores are fast at."""

from __future__ import annotations

from pathlib import Path

import click

from tinyagent.cli import show
from tinyagent.cli.app import help_when_bare
from tinyagent.cli.bench import bench, work_option


@click.group(invoke_without_command=True)
@click.pass_context
def quantize(ctx: click.Context) -> None:
    """Make the model files that are served."""
    help_when_bare(ctx)


@quantize.command()
def base() -> None:
    """Convert the shipped base model to the served format (done by itself on first use)."""
    from tinyagent.runtime.base import served
    from tinyagent.settings import load

    with show.thinking("Converting …"):
        path = served(load().cache)
    show.out(f"{path}, {path.stat().st_size >> 20} MiB")


@quantize.command()
@work_option
def embedder(work: Path | None) -> None:
    """Export the encoder that `tinyagent train embedder` made to int8 ONNX (needs the extra `train`)."""
    from tinyagent.training import workshop

    with bench(work=work) as made:
        manifest = workshop.quantise_embedder(made)
    show.out_json(manifest)
