"""`tinyagent index`: the vectors of the tools."""

from __future__ import annotations

from pathlib import Path

import click

from tinyagent.cli import show
from tinyagent.cli.bench import bench, work_option


@click.command()
@work_option
@click.option(
    "--calibrate",
    "cases",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Keep the index; fit early exit and the weight of the selection adapter on the cases of this file.",
)
def index(work: Path | None, cases: Path | None) -> None:
    """Build the tool index from the usage examples with the served embedder (needs the extra `train`)."""
    from tinyagent.training import workshop

    with bench(work=work) as made:
        if cases is not None:
            show.out_json(workshop.calibrate_index(made, cases))
            return
        built = workshop.make_index(made)
    show.out(f"{len(set(built.owners))} tools, {len(built.owners)} centroids")
