"""`tinyagent index`: the vectors of the tools."""

from __future__ import annotations

from pathlib import Path

import click

from tinyagent.cli import show
from tinyagent.cli.bench import bench, work_option


@click.command()
@work_option
def index(work: Path | None) -> None:
    """Build the tool index from the usage examples with the served embedder (needs the extra `train`)."""
    from tinyagent.training import workshop

    with bench(work=work) as made:
        built = workshop.make_index(made)
    show.out(f"{len(set(built.owners))} tools, {len(built.owners)} centroids")
